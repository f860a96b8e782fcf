using ControlPlane.Core.Access.Administration;

namespace ControlPlane.Web.Access;

/// <summary>The form of a team.</summary>
public sealed class TeamForm
{
    public string? Name { get; set; }

    public string? Description { get; set; }

    /// <summary><c>none</c>, <c>group</c> or <c>search</c>.</summary>
    public string Directory { get; set; } = "none";

    public string? GroupDn { get; set; }

    public string? MemberAttribute { get; set; }

    public string? BaseDn { get; set; }

    public string? Filter { get; set; }

    public bool Subtree { get; set; }

    public List<ClaimRow> Claims { get; set; } = [];

    public long Revision { get; set; }

    public static TeamForm From(TeamView team)
    {
        ArgumentNullException.ThrowIfNull(team);
        return new TeamForm
        {
            Name = team.Name,
            Description = team.Description,
            Directory = team.DirectoryRule is null ? "none" : team.DirectoryRule.GroupDn is null ? "search" : "group",
            GroupDn = team.DirectoryRule?.GroupDn,
            MemberAttribute = team.DirectoryRule?.MemberAttribute,
            BaseDn = team.DirectoryRule?.BaseDn,
            Filter = team.DirectoryRule?.Filter,
            Subtree = team.DirectoryRule?.Subtree == true,
            Claims = [.. team.ClaimRules.Select(rule => new ClaimRow { Provider = rule.Provider, Claim = rule.Claim, Value = rule.Value })],
            Revision = team.Revision,
        };
    }

    public TeamRequest ToRequest() => new(
        Name ?? "",
        Description,
        Directory switch
        {
            "group" => new TeamDirectoryRule { GroupDn = GroupDn ?? "", MemberAttribute = MemberAttribute },
            "search" => new TeamDirectoryRule { BaseDn = BaseDn ?? "", Filter = Filter, Subtree = Subtree },
            _ => null,
        },
        [.. Claims.Where(row => row.Provider is not null || row.Claim is not null || row.Value is not null).Select(row => new TeamClaimRule(row.Provider ?? "", row.Claim ?? "", row.Value ?? ""))]);
}

/// <summary>One rule over claims.</summary>
public sealed class ClaimRow
{
    public string? Provider { get; set; }

    public string? Claim { get; set; }

    public string? Value { get; set; }
}
