using Microsoft.AspNetCore.Builder;

namespace ControlPlane.Core.Identity;

/// <summary>What an endpoint declares about who may call it. An endpoint without one is refused to everybody.</summary>
public interface IAccessRule
{
    /// <summary>The right it needs; null when being signed in is enough, or when it is open.</summary>
    string? Permission { get; }

    bool IsOpen { get; }
}

/// <summary>Needs this right.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method)]
public sealed class RequirePermissionAttribute(string permission) : Attribute, IAccessRule
{
    public string Permission { get; } = permission;

    public bool IsOpen => false;
}

/// <summary>Needs a signed-in caller and no right: what concerns only the caller.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method)]
public sealed class RequireSignInAttribute(string reason) : Attribute, IAccessRule
{
    public string Reason { get; } = reason;

    public string? Permission => null;

    public bool IsOpen => false;
}

/// <summary>Open to everybody, for the reason given.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method)]
public sealed class OpenAttribute(string reason) : Attribute, IAccessRule
{
    public string Reason { get; } = reason;

    public string? Permission => null;

    public bool IsOpen => true;
}

/// <summary>The same on endpoint builders.</summary>
public static class AccessRules
{
    public static TBuilder RequirePermission<TBuilder>(this TBuilder builder, string permission) where TBuilder : IEndpointConventionBuilder =>
        builder.WithMetadata(new RequirePermissionAttribute(permission));

    public static TBuilder RequireSignIn<TBuilder>(this TBuilder builder, string reason) where TBuilder : IEndpointConventionBuilder =>
        builder.WithMetadata(new RequireSignInAttribute(reason));

    public static TBuilder Open<TBuilder>(this TBuilder builder, string reason) where TBuilder : IEndpointConventionBuilder =>
        builder.WithMetadata(new OpenAttribute(reason));
}
