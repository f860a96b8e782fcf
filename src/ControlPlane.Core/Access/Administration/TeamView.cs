using System.Text.Json;

namespace ControlPlane.Core.Access.Administration;

/// <summary>A team as people see it.</summary>
/// <param name="Id">Durable id.</param>
/// <param name="Name">Unique without regard to case.</param>
/// <param name="Description">What it is for.</param>
/// <param name="Members">How many people belong to it, by whatever source.</param>
/// <param name="DirectoryRule">Which people of the directory belong to it.</param>
/// <param name="ClaimRules">Which claims of which OpenID provider make a member.</param>
/// <param name="CreatedAt">UTC.</param>
/// <param name="Revision">The ETag.</param>
public sealed record TeamView(
    string Id, string Name, string? Description, int Members, TeamDirectoryRule? DirectoryRule, IReadOnlyList<TeamClaimRule> ClaimRules, DateTime CreatedAt, long Revision);

/// <summary>A new team, or the whole of a changed one.</summary>
public sealed record TeamRequest(
    string Name, string? Description = null, TeamDirectoryRule? DirectoryRule = null, IReadOnlyList<TeamClaimRule>? ClaimRules = null);

/// <summary>Which people of the directory belong to a team: members of a group, or what a search finds.</summary>
public sealed record TeamDirectoryRule
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    /// <summary>The group's distinguished name; its nested groups count when the directory's settings say so. Null for a search.</summary>
    public string? GroupDn { get; init; }

    /// <summary>The attribute that lists members; <c>member</c> when absent.</summary>
    public string? MemberAttribute { get; init; }

    /// <summary>Where to search; null for a group.</summary>
    public string? BaseDn { get; init; }

    /// <summary>RFC 4515 filter of the search.</summary>
    public string? Filter { get; init; }

    /// <summary>Also below the base's children.</summary>
    public bool Subtree { get; init; }

    public static TeamDirectoryRule? Read(string? json) => json is null ? null : JsonSerializer.Deserialize<TeamDirectoryRule>(json, Json);

    public string Write() => JsonSerializer.Serialize(this, Json);
}

/// <summary>People of this provider who have the claim with this value belong to the team.</summary>
/// <param name="Provider">The provider's id.</param>
/// <param name="Claim">Name of the claim, e.g. <c>groups</c>.</param>
/// <param name="Value">Its exact value.</param>
public sealed record TeamClaimRule(string Provider, string Claim, string Value)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    public static IReadOnlyList<TeamClaimRule> Read(string? json) => json is null ? [] : JsonSerializer.Deserialize<TeamClaimRule[]>(json, Json) ?? [];

    public static string? Write(IReadOnlyList<TeamClaimRule>? rules) => rules is not { Count: > 0 } ? null : JsonSerializer.Serialize(rules, Json);
}

/// <summary>A member of a team.</summary>
/// <param name="UserId">Whose account.</param>
/// <param name="UserName">Its name.</param>
/// <param name="FullName">The person's.</param>
/// <param name="Disabled">Cannot sign in.</param>
/// <param name="Sources"><c>manual</c>, <c>ldap</c>, <c>oidc:…</c>: who says so.</param>
/// <param name="Locked">A directory or provider says so: it cannot be taken away here.</param>
public sealed record TeamMemberView(string UserId, string UserName, string? FullName, bool Disabled, IReadOnlyList<string> Sources, bool Locked);
