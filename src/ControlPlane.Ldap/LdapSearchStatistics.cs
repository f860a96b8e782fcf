namespace ControlPlane.Ldap;

/// <summary>What a search met. Written by the search, to be read when it has ended.</summary>
public sealed class LdapSearchStatistics
{
    /// <summary>Entries given.</summary>
    public int Entries { get; internal set; }

    /// <summary>Search-result references skipped: parts of the tree that live on other servers.</summary>
    public int References { get; internal set; }

    /// <summary>Answers that ended a page; 1 for a search without paging.</summary>
    public int Pages { get; internal set; }

    /// <summary>Additional searches made to complete attributes that came in ranges.</summary>
    public int Ranges { get; internal set; }
}
