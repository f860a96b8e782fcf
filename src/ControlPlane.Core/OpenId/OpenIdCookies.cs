namespace ControlPlane.Core.OpenId;

/// <summary>Cookies of sign-ins at providers.</summary>
public static class OpenIdCookies
{
    /// <summary>The provider that somebody signed in at last in this browser: offers to sign out there, too. No secret.</summary>
    public const string Provider = "__Host-cp-openid-provider";
}
