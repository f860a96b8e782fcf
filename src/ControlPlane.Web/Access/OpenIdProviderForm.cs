using ControlPlane.Contracts.Rest.OpenId;

namespace ControlPlane.Web.Access;

/// <summary>An OpenID provider as the form sends it.</summary>
public sealed class OpenIdProviderForm
{
    public string? Id { get; set; }
    public long Revision { get; set; }
    public string? DisplayName { get; set; }
    public string? Authority { get; set; }
    public string? ClientId { get; set; }

    /// <summary>Empty keeps the one that is there; it is never filled in.</summary>
    public string? ClientSecret { get; set; }
    public string? Scopes { get; set; } = "openid profile email";
    public string? NameClaim { get; set; } = "preferred_username";
    public string? GroupsClaim { get; set; } = "groups";
    public string? TrustedCa { get; set; }
    public string? Prompt { get; set; }
    public string? AdministratorClaim { get; set; }
    public string? AdministratorValue { get; set; }
    public bool AllowInsecure { get; set; }
    public bool UserInfo { get; set; }
    public bool RequireTeam { get; set; }

    public static OpenIdProviderForm Of(OpenIdProviderView view)
    {
        ArgumentNullException.ThrowIfNull(view);
        return new OpenIdProviderForm
        {
            Id = view.Id,
            Revision = view.Revision,
            DisplayName = view.DisplayName,
            Authority = view.Authority,
            ClientId = view.ClientId,
            Scopes = string.Join(' ', view.Scopes),
            NameClaim = view.NameClaim,
            GroupsClaim = view.GroupsClaim,
            TrustedCa = view.TrustedCa,
            Prompt = view.Prompt,
            AdministratorClaim = view.Administrators?.Claim,
            AdministratorValue = view.Administrators?.Value,
            AllowInsecure = view.AllowInsecure,
            UserInfo = view.UserInfo,
            RequireTeam = view.RequireTeam,
        };
    }

    public OpenIdProviderRequest ToRequest() => new()
    {
        DisplayName = DisplayName,
        Authority = Authority,
        AllowInsecure = AllowInsecure,
        ClientId = ClientId,
        ClientSecret = string.IsNullOrEmpty(ClientSecret) ? null : ClientSecret,
        Scopes = Scopes?.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries),
        NameClaim = NameClaim,
        GroupsClaim = GroupsClaim,
        TrustedCa = TrustedCa,
        Prompt = Prompt,
        UserInfo = UserInfo,
        RequireTeam = RequireTeam,
        Administrators = string.IsNullOrWhiteSpace(AdministratorClaim) && string.IsNullOrWhiteSpace(AdministratorValue)
            ? null
            : new ClaimMatch(AdministratorClaim ?? "", AdministratorValue ?? ""),
    };
}
