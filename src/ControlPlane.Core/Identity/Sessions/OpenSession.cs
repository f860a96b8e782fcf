namespace ControlPlane.Core.Identity;

/// <summary>How somebody was recognised, for the session that opens.</summary>
/// <param name="Method"><c>password</c>, <c>ldap</c>, or <c>oidc:</c> and the provider's id.</param>
/// <param name="RemoteAddress">Where from.</param>
/// <param name="UserAgent">The browser's own words.</param>
/// <param name="RequestId">Of the request that signed in.</param>
/// <param name="ProviderSession">The provider's session (<c>sid</c>), for its back-channel logout; null = none.</param>
public sealed record OpenSession(string Method, string? RemoteAddress, string? UserAgent, string RequestId, string? ProviderSession)
{
    public const string Password = "password";
    public const string Directory = "ldap";
    public const string OpenIdPrefix = "oidc:";

    /// <summary>A provider asks for its own second factor; ours is for passwords.</summary>
    public bool IsOpenId => Method.StartsWith(OpenIdPrefix, StringComparison.Ordinal);
}
