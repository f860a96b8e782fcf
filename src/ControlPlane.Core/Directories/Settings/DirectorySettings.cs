using ControlPlane.Core.Access.Administration;

namespace ControlPlane.Core.Directories.Settings;

/// <summary>How people of a directory (LDAP, Active Directory) are found, and what the directory decides. Kept as one row, changed as a whole.</summary>
public record DirectorySettings
{
    public bool Enabled { get; init; }

    /// <summary>In the order they are asked; those of one domain stand in for each other.</summary>
    public IReadOnlyList<DirectoryServer> Servers { get; init; } = [];

    /// <summary>In the order they are asked; who is found by two belongs to the first.</summary>
    public IReadOnlyList<UserSearch> Searches { get; init; } = [];

    /// <summary>What people may type to sign in, e.g. <c>sAMAccountName</c>, <c>userPrincipalName</c>, <c>mail</c>; empty = the user-name attribute of each search.</summary>
    public IReadOnlyList<string> SignInAttributes { get; init; } = [];

    /// <summary>The attribute that never changes; null = <c>objectGUID</c> or <c>entryUUID</c>, whichever there is.</summary>
    public string? KeyAttribute { get; init; }

    /// <summary>Whether members of groups in groups are members.</summary>
    public NestedGroups NestedGroups { get; init; }

    /// <summary>Who signs in for the first time gets an account; else only who was synchronised may sign in.</summary>
    public bool JustInTimeProvisioning { get; init; } = true;

    /// <summary>Who is an administrator by word of the directory; null = the directory does not say.</summary>
    public TeamDirectoryRule? Administrators { get; init; }

    /// <summary>Cron without seconds, UTC, or <c>@hourly</c>, <c>@daily</c>…; empty = only by hand.</summary>
    public string SyncSchedule { get; init; } = "@hourly";

    /// <summary>1 to 30.</summary>
    public int ConnectTimeoutSeconds { get; init; } = 3;

    /// <summary>1 to 60; for a bind and for each next answer of a search.</summary>
    public int OperationTimeoutSeconds { get; init; } = 5;

    /// <summary>1 to 30; for everything together, the wait for others included.</summary>
    public int SignInTimeoutSeconds { get; init; } = 5;

    /// <summary>1 to 256; the others wait.</summary>
    public int MaxParallelSignIns { get; init; } = 16;

    // The lists may hold what a request brought.
    public override string ToString() => $"DirectorySettings with {Servers.Count} servers";
}

/// <summary>How nested groups count.</summary>
public enum NestedGroups
{
    /// <summary>Only direct members.</summary>
    Off,

    /// <summary>Active Directory finds them itself (LDAP_MATCHING_RULE_IN_CHAIN).</summary>
    AdChain,

    /// <summary>From group to group, at most ten deep, never in circles.</summary>
    Walk,
}
