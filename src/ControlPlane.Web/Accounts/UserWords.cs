using ControlPlane.Contracts.Rest.Users;
using ControlPlane.Web.Look;

namespace ControlPlane.Web.Accounts;

/// <summary>Words for accounts.</summary>
public static class UserWords
{
    public static string Source(string source) => source switch
    {
        "local" => "local",
        "ldap" => "directory",
        "oidc" => "OpenID",
        _ => source,
    };

    public static StateLook State(UserView user)
    {
        ArgumentNullException.ThrowIfNull(user);
        return user.Disabled ? new StateLook("ti-circle-off", user.DisabledBy == "directory" ? "Disabled by the directory" : "Disabled", "idle") : new StateLook("ti-circle-check", "Active", "good");
    }
}
