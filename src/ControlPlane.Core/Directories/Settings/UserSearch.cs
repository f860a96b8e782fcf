namespace ControlPlane.Core.Directories.Settings;

/// <summary>Where people are, and which of their attributes mean what.</summary>
public sealed record UserSearch
{
    public required string BaseDn { get; init; }

    /// <summary>The account's name: <c>uid</c>, in Active Directory <c>sAMAccountName</c>.</summary>
    public string UserNameAttribute { get; init; } = "uid";
    public string FullNameAttribute { get; init; } = "cn";
    public string EmailAttribute { get; init; } = "mail";

    /// <summary>RFC 4515; empty = every entry in the scope.</summary>
    public string? Filter { get; init; }

    /// <summary>Also below the base's children.</summary>
    public bool ScopeSubtree { get; init; }

    /// <summary>Only members of <see cref="GroupDn"/>: for servers without <c>memberOf</c>.</summary>
    public bool MatchGroup { get; init; }
    public string? GroupDn { get; init; }

    /// <summary>Of the group.</summary>
    public string MemberAttribute { get; init; } = "member";

    /// <summary>Asks for each member of the group by name instead of searching all: goes round size limits.</summary>
    public bool IterateMembers { get; init; }
}
