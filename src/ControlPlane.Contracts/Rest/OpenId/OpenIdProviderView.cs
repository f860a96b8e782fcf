namespace ControlPlane.Contracts.Rest.OpenId;

/// <summary>An OpenID provider that people sign in at. The client secret never comes back.</summary>
public sealed record OpenIdProviderView
{
    /// <summary>In addresses: lower-case letters, digits and dashes.</summary>
    public required string Id { get; init; }

    /// <summary>On the sign-in page.</summary>
    public required string DisplayName { get; init; }

    /// <summary>The issuer; its discovery document says the rest.</summary>
    public required string Authority { get; init; }

    /// <summary>Plain http and https on this very machine are allowed.</summary>
    public bool AllowInsecure { get; init; }

    /// <summary>Our name at the provider.</summary>
    public required string ClientId { get; init; }

    /// <summary>A client secret is kept.</summary>
    public bool ClientSecretSet { get; init; }

    /// <summary>What is asked for.</summary>
    public required IReadOnlyList<string> Scopes { get; init; }

    /// <summary>The claim that a new account is named after.</summary>
    public required string NameClaim { get; init; }

    /// <summary>The claim with the groups.</summary>
    public required string GroupsClaim { get; init; }

    /// <summary>PEM of the authorities that its certificate must come from; null = the system's.</summary>
    public string? TrustedCa { get; init; }

    /// <summary><c>login</c>, <c>consent</c>, <c>select_account</c>; null = the provider decides.</summary>
    public string? Prompt { get; init; }

    /// <summary>Claims are fetched from the userinfo endpoint, too.</summary>
    public bool UserInfo { get; init; }

    /// <summary>Who belongs to no team is not let in.</summary>
    public bool RequireTeam { get; init; }

    /// <summary>Who is an administrator; null = nobody by this provider.</summary>
    public ClaimMatch? Administrators { get; init; }

    /// <summary>To be registered at the provider.</summary>
    public required string RedirectUri { get; init; }

    /// <summary>To be registered at the provider, for sign-outs there that end sessions here.</summary>
    public required string BackChannelLogoutUri { get; init; }

    /// <summary>To be registered at the provider.</summary>
    public required string PostLogoutRedirectUri { get; init; }

    /// <summary>Version: the ETag.</summary>
    public long Revision { get; init; }
}

/// <summary>A claim that has, or holds among others, a value.</summary>
/// <param name="Claim">Its name; dots lead into objects (<c>realm_access.roles</c>).</param>
/// <param name="Value">Compared exactly.</param>
public sealed record ClaimMatch(string Claim, string Value);
