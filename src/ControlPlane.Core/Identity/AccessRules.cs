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

/// <summary>Open also to whoever has not finished signing in: this is where they finish.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method)]
public sealed class AllowPendingAttribute : Attribute;

/// <summary>A stream that ends with the credential it was opened by.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method)]
public sealed class EndsWithCallerAttribute : Attribute;

/// <summary>The same on endpoint builders.</summary>
public static class AccessRules
{
    public static TBuilder RequirePermission<TBuilder>(this TBuilder builder, string permission) where TBuilder : IEndpointConventionBuilder =>
        builder.WithMetadata(new RequirePermissionAttribute(permission));

    public static TBuilder RequireSignIn<TBuilder>(this TBuilder builder, string reason) where TBuilder : IEndpointConventionBuilder =>
        builder.WithMetadata(new RequireSignInAttribute(reason));

    /// <summary>Besides its rule: whoever has not finished signing in may call it, too.</summary>
    public static TBuilder AllowPending<TBuilder>(this TBuilder builder) where TBuilder : IEndpointConventionBuilder =>
        builder.WithMetadata(new AllowPendingAttribute());

    /// <summary>For what stays open: it ends when the credential does, or when its user's rights change. Hubs and WebSockets do by themselves.</summary>
    public static TBuilder EndsWithCaller<TBuilder>(this TBuilder builder) where TBuilder : IEndpointConventionBuilder =>
        builder.WithMetadata(new EndsWithCallerAttribute());

    public static TBuilder Open<TBuilder>(this TBuilder builder, string reason) where TBuilder : IEndpointConventionBuilder =>
        builder.WithMetadata(new OpenAttribute(reason));
}
