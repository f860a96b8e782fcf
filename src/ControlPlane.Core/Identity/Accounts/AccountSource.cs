namespace ControlPlane.Core.Identity;

/// <summary>Who says that an account exists.</summary>
public static class AccountSource
{
    public const string Local = "local";
    public const string Directory = "ldap";
    public const string OpenId = "oidc";
}
