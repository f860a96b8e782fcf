namespace ControlPlane.Core.Identity.External;

/// <summary>Somebody that a directory or an OpenID provider vouches for, with what it says they belong to.</summary>
public sealed record ExternalPerson
{
    /// <summary><c>ldap</c>, or the provider's issuer.</summary>
    public required string Issuer { get; init; }

    /// <summary>Never changes, never is given to somebody else: objectGUID, entryUUID, <c>sub</c>.</summary>
    public required string Subject { get; init; }

    /// <summary>The account's source: <c>ldap</c> or <c>oidc</c>.</summary>
    public required string Source { get; init; }

    /// <summary>The source of the memberships: <c>ldap</c>, or <c>oidc:</c> and the provider's id.</summary>
    public required string MembershipSource { get; init; }

    /// <summary>The name the account gets when it is new.</summary>
    public required string Name { get; init; }
    public string? FullName { get; init; }
    public string? Email { get; init; }
    public string? DistinguishedName { get; init; }

    /// <summary>Ids of the teams it belongs to by this source: all of them.</summary>
    public required IReadOnlyList<string> TeamIds { get; init; }

    /// <summary>Administrator by this source; null = the source does not say.</summary>
    public bool? IsAdministrator { get; init; }

    /// <summary>Refuse who belongs to no team and is no administrator.</summary>
    public bool RequireTeam { get; init; }
}
