using ControlPlane.Core.Access.Administration;
using ControlPlane.Core.Data;
using ControlPlane.Ldap;
using Microsoft.EntityFrameworkCore;

namespace ControlPlane.Core.Directories.Reading;

/// <summary>A team with the rule by which the directory fills it.</summary>
internal sealed record TeamRule(string TeamId, string TeamName, TeamDirectoryRule Rule)
{
    public static async Task<IReadOnlyList<TeamRule>> ReadAllAsync(ControlPlaneDb db, CancellationToken cancellationToken)
    {
        var rows = await db.Teams.AsNoTracking().Where(team => team.DirectoryRuleJson != null).OrderBy(team => team.FoldedName)
            .Select(team => new { team.Id, team.Name, team.DirectoryRuleJson }).ToListAsync(cancellationToken);
        return [.. rows.Select(row => new TeamRule(row.Id, row.Name, TeamDirectoryRule.Read(row.DirectoryRuleJson)!)).Where(rule => IsUsable(rule.Rule))];
    }

    // Rules are checked when they are kept; a row from elsewhere must not end every sign-in.
    private static bool IsUsable(TeamDirectoryRule rule) =>
        DistinguishedName.TryParse(rule.GroupDn ?? rule.BaseDn ?? "", out var name, out _) && !name.IsRoot
        && (string.IsNullOrWhiteSpace(rule.Filter) || LdapFilter.TryParse(rule.Filter, out _, out _))
        && (rule.MemberAttribute is null || LdapFilter.IsAttribute(rule.MemberAttribute));
}
