namespace ControlPlane.Ldap;

/// <summary>One search (RFC 4511, section 4.5.1). Aliases are never dereferenced, referrals never followed.</summary>
public sealed record LdapSearch
{
    /// <summary>Where to begin; empty for the root DSE.</summary>
    public required string BaseDn { get; init; }

    /// <summary>How deep.</summary>
    public LdapScope Scope { get; init; } = LdapScope.Subtree;

    /// <summary>What to find; every entry unless said otherwise.</summary>
    public LdapFilter Filter { get; init; } = LdapFilter.Present("objectClass");

    /// <summary>The attributes wanted. Empty: all user attributes; <c>1.1</c>: none; <c>+</c>: the operational ones.</summary>
    public IReadOnlyList<string> Attributes { get; init; } = [];

    /// <summary>Entries per page (RFC 2696): the search goes on by itself until the last page. 0: no paging, and the server's size limit holds.</summary>
    public int PageSize { get; init; } = 500;

    /// <summary>The most entries; one more ends in <see cref="LdapErrorKind.SizeLimitExceeded"/> after the others were given. 0: no limit of ours.</summary>
    public int SizeLimit { get; init; }

    /// <summary>Seconds the server may spend on it (on each page, with paging). 0: the server's own limit.</summary>
    public int TimeLimit { get; init; }

    /// <summary>Asks Active Directory to stay in this domain and give no references (control 1.2.840.113556.1.4.1339). Others ignore it.</summary>
    public bool DomainScope { get; init; }

    /// <summary>Names of attributes only, no values.</summary>
    public bool TypesOnly { get; init; }

    /// <summary>The most values of one attribute that Active Directory gives in ranges; more end in <see cref="LdapErrorKind.SizeLimitExceeded"/>.</summary>
    public int MaxValues { get; init; } = 1_000_000;

    /// <summary>Counted up while the search runs, when given.</summary>
    public LdapSearchStatistics? Statistics { get; init; }
}
