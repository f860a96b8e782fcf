using ControlPlane.Contracts.Rest;
using ControlPlane.Core.Audit;
using ControlPlane.Core.Data;
using ControlPlane.Core.Identity;
using ControlPlane.Core.Results;
using Microsoft.EntityFrameworkCore;

namespace ControlPlane.Core.Access.Administration;

/// <summary>
/// Teams and their rules. Who adds somebody to a team gives them the team's rights, so the caller must have them; the same holds for
/// the rules by which a directory or provider adds people.
/// </summary>
public sealed class TeamService(
    IDbContextFactory<ControlPlaneDb> databases, AccessStore store, Authorizer authorizer, AccessGate gate, AuditTrail audit, TimeProvider clock)
{
    private const int MaximumTeams = 5000;
    private const int MaximumRules = 50;
    private const int MaximumRuleText = 1000;

    public async Task<Result<IReadOnlyList<TeamView>>> ListAsync(Caller caller, CancellationToken cancellationToken)
    {
        if (authorizer.Check(caller, Permission.TeamsRead, Collections.System) is { } refused)
        {
            return refused;
        }

        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var rows = await db.Teams.AsNoTracking().OrderBy(team => team.FoldedName).ToListAsync(cancellationToken);
        var counts = await db.TeamMembers.GroupBy(member => member.TeamId)
            .Select(of => new { of.Key, Count = of.Select(member => member.UserId).Distinct().Count() })
            .ToDictionaryAsync(of => of.Key, of => of.Count, cancellationToken);
        return rows.ConvertAll(row => View(row, counts.GetValueOrDefault(row.Id)));
    }

    /// <summary>By id or name.</summary>
    public async Task<Result<TeamView>> GetAsync(Caller caller, string idOrName, CancellationToken cancellationToken)
    {
        if (authorizer.Check(caller, Permission.TeamsRead, Collections.System) is { } refused)
        {
            return refused;
        }

        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await FindAsync(db, idOrName, cancellationToken) is { } row ? await ViewAsync(db, row, cancellationToken) : NotFound;
    }

    public async Task<Result<TeamView>> CreateAsync(Caller caller, TeamRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var target = new AuditObject("team", "", AccessTexts.Short(request.Name));
        if (await gate.RequireAsync(caller, Permission.TeamsCreate, Collections.System, target, cancellationToken) is { } refused)
        {
            return refused;
        }

        if (Validate(request) is { } invalid)
        {
            return invalid;
        }

        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        if (await db.Teams.CountAsync(cancellationToken) >= MaximumTeams)
        {
            return new ConflictError("team.too_many", $"There are {MaximumTeams} teams: remove one first.");
        }

        var now = clock.GetUtcNow();
        var row = new TeamEntity
        {
            Id = Guid.CreateVersion7(now).ToString("N"),
            Name = request.Name,
            FoldedName = AccountName.Fold(request.Name),
            Description = request.Description,
            DirectoryRuleJson = request.DirectoryRule?.Write(),
            ClaimRulesJson = TeamClaimRule.Write(request.ClaimRules),
            CreatedAt = now.UtcDateTime,
        };
        db.Teams.Add(row);
        audit.Add(db, caller, Permission.TeamsCreate, target with { Id = row.Id }, AuditTrail.Ok, Rules(row));
        return await SaveAsync(db, row, cancellationToken);
    }

    public async Task<Result<TeamView>> PutAsync(Caller caller, string id, TeamRequest request, long? ifMatch, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var target = new AuditObject("team", AccessTexts.Short(id), AccessTexts.Short(request.Name));
        if (await gate.RequireAsync(caller, Permission.TeamsUpdate, Collections.System, target, cancellationToken) is { } refused)
        {
            return refused;
        }

        if (Validate(request) is { } invalid)
        {
            return invalid;
        }

        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        if (await db.Teams.FirstOrDefaultAsync(team => team.Id == id, cancellationToken) is not { } row)
        {
            return NotFound;
        }

        if (Revision.Check(ifMatch, row.Version) is { } stale)
        {
            return stale;
        }

        var (directory, claims) = (request.DirectoryRule?.Write(), TeamClaimRule.Write(request.ClaimRules));
        if ((directory != row.DirectoryRuleJson || claims != row.ClaimRulesJson) && await EscalationAsync(caller, id, target, cancellationToken) is { } escalation)
        {
            return escalation;
        }

        row.Name = request.Name;
        row.FoldedName = AccountName.Fold(request.Name);
        row.Description = request.Description;
        row.DirectoryRuleJson = directory;
        row.ClaimRulesJson = claims;
        audit.Add(db, caller, Permission.TeamsUpdate, target, AuditTrail.Ok, Rules(row));
        return await SaveAsync(db, row, cancellationToken);
    }

    /// <summary>With its memberships and grants.</summary>
    public async Task<Result<Done>> DeleteAsync(Caller caller, string id, long? ifMatch, CancellationToken cancellationToken)
    {
        var target = new AuditObject("team", AccessTexts.Short(id));
        if (await gate.RequireAsync(caller, Permission.TeamsRemove, Collections.System, target, cancellationToken) is { } refused)
        {
            return refused;
        }

        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        if (await db.Teams.FirstOrDefaultAsync(team => team.Id == id, cancellationToken) is not { } row)
        {
            return NotFound;
        }

        if (Revision.Check(ifMatch, row.Version) is { } stale)
        {
            return stale;
        }

        db.Teams.Remove(row);
        audit.Add(db, caller, Permission.TeamsRemove, target with { Name = row.Name });
        await store.SaveAsync(db, cancellationToken, async () =>
        {
            await db.TeamMembers.Where(member => member.TeamId == id).ExecuteDeleteAsync(cancellationToken);
            await db.Grants.Where(grant => grant.SubjectKind == "team" && grant.SubjectId == id).ExecuteDeleteAsync(cancellationToken);
        });
        return Done.Value;
    }

    public async Task<Result<IReadOnlyList<TeamMemberView>>> MembersAsync(Caller caller, string idOrName, CancellationToken cancellationToken)
    {
        if (authorizer.Check(caller, Permission.TeamsRead, Collections.System) is { } refused)
        {
            return refused;
        }

        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        if (await FindAsync(db, idOrName, cancellationToken) is not { } team)
        {
            return NotFound;
        }

        var rows = await db.TeamMembers.AsNoTracking().Where(member => member.TeamId == team.Id)
            .Join(db.Users, member => member.UserId, user => user.Id, (member, user) => new { user.Id, user.Name, user.FullName, user.DisabledAt, member.Source })
            .ToListAsync(cancellationToken);
        return (TeamMemberView[])
        [
            .. rows.GroupBy(row => row.Id, StringComparer.Ordinal).Select(same =>
            {
                var first = same.First();
                var sources = same.Select(row => row.Source).Order(StringComparer.Ordinal).ToArray();
                return new TeamMemberView(first.Id, first.Name, first.FullName, first.DisabledAt is not null, sources, !sources.Contains(Manual));
            }).OrderBy(member => member.UserName, StringComparer.OrdinalIgnoreCase),
        ];
    }

    /// <summary>Adds a member by hand; adding twice is done once.</summary>
    public async Task<Result<Done>> AddMemberAsync(Caller caller, string id, string userIdOrName, CancellationToken cancellationToken)
    {
        var target = new AuditObject("team", AccessTexts.Short(id));
        if (await gate.RequireAsync(caller, Permission.TeamsUpdate, Collections.System, target, cancellationToken) is { } refused)
        {
            return refused;
        }

        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        if (await db.Teams.AsNoTracking().FirstOrDefaultAsync(team => team.Id == id, cancellationToken) is not { } team)
        {
            return NotFound;
        }

        var folded = AccountName.Fold(userIdOrName);
        if (await db.Users.AsNoTracking().FirstOrDefaultAsync(user => user.Id == userIdOrName || user.FoldedName == folded, cancellationToken) is not { } user)
        {
            return new InvalidError("user", $"There is no user {AccessTexts.Short(userIdOrName)}.");
        }

        if (await EscalationAsync(caller, id, target, cancellationToken) is { } escalation)
        {
            return escalation;
        }

        if (await db.TeamMembers.AnyAsync(member => member.TeamId == id && member.UserId == user.Id && member.Source == Manual, cancellationToken))
        {
            return Done.Value;
        }

        db.TeamMembers.Add(new TeamMemberEntity { TeamId = id, UserId = user.Id, Source = Manual, AddedAt = clock.GetUtcNow().UtcDateTime });
        audit.Add(db, caller, "teams.add_member", target with { Name = team.Name }, AuditTrail.Ok, user.Name);
        await store.SaveAsync(db, cancellationToken);
        return Done.Value;
    }

    /// <summary>Takes away a membership that was given by hand.</summary>
    public async Task<Result<Done>> RemoveMemberAsync(Caller caller, string id, string userId, CancellationToken cancellationToken)
    {
        var target = new AuditObject("team", AccessTexts.Short(id));
        if (await gate.RequireAsync(caller, Permission.TeamsUpdate, Collections.System, target, cancellationToken) is { } refused)
        {
            return refused;
        }

        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var rows = await db.TeamMembers.Where(member => member.TeamId == id && member.UserId == userId).ToListAsync(cancellationToken);
        if (rows.Count == 0)
        {
            return new NotFoundError("membership.not_found", "This user does not belong to this team.");
        }

        if (rows.Find(row => row.Source == Manual) is not { } manual)
        {
            return new ConflictError("membership.locked", $"This membership comes from {string.Join(" and ", rows.Select(row => row.Source))}: take it away there.");
        }

        db.TeamMembers.Remove(manual);
        var name = await db.Users.Where(user => user.Id == userId).Select(user => user.Name).FirstOrDefaultAsync(cancellationToken);
        audit.Add(db, caller, "teams.remove_member", target, AuditTrail.Ok, name);
        await store.SaveAsync(db, cancellationToken);
        return Done.Value;
    }

    /// <summary>The source of memberships that people gave.</summary>
    public const string Manual = "manual";

    private async Task<Error?> EscalationAsync(Caller caller, string teamId, AuditObject target, CancellationToken cancellationToken)
    {
        foreach (var grant in store.Current.Grants.Where(grant => grant.SubjectKind == SubjectKind.Team && grant.SubjectId == teamId))
        {
            if (store.Current.Roles.TryGetValue(grant.RoleId, out var role)
                && authorizer.CheckCovers(caller, role.Permissions, grant.Collection) is { } escalation)
            {
                return await gate.RefuseAsync(caller, Permission.TeamsUpdate, target, escalation, cancellationToken);
            }
        }

        return null;
    }

    private async Task<Result<TeamView>> SaveAsync(ControlPlaneDb db, TeamEntity row, CancellationToken cancellationToken)
    {
        if (await db.Teams.AnyAsync(team => team.FoldedName == row.FoldedName && team.Id != row.Id, cancellationToken))
        {
            return new ConflictError("team.name_taken", $"There is a team named {row.Name} already.");
        }

        try
        {
            await store.SaveAsync(db, cancellationToken);
        }
        catch (DbUpdateConcurrencyException)
        {
            return Revision.Stale(row.Version);
        }

        return await ViewAsync(db, row, cancellationToken);
    }

    private static async Task<TeamEntity?> FindAsync(ControlPlaneDb db, string idOrName, CancellationToken cancellationToken)
    {
        var folded = AccountName.Fold(idOrName);
        return await db.Teams.AsNoTracking().FirstOrDefaultAsync(team => team.Id == idOrName || team.FoldedName == folded, cancellationToken);
    }

    private static async Task<TeamView> ViewAsync(ControlPlaneDb db, TeamEntity row, CancellationToken cancellationToken) =>
        View(row, await db.TeamMembers.Where(member => member.TeamId == row.Id).Select(member => member.UserId).Distinct().CountAsync(cancellationToken));

    private static TeamView View(TeamEntity row, int members) => new(
        row.Id, row.Name, row.Description, members, TeamDirectoryRule.Read(row.DirectoryRuleJson), TeamClaimRule.Read(row.ClaimRulesJson), row.CreatedAt, row.Version);

    private static string? Rules(TeamEntity row) =>
        row.DirectoryRuleJson is null && row.ClaimRulesJson is null ? null : $"rules {row.DirectoryRuleJson} {row.ClaimRulesJson}";

    private static InvalidError? Validate(TeamRequest request)
    {
        var errors = new List<FieldError>();
        AccessTexts.CheckName(request.Name, errors);
        AccessTexts.CheckDescription(request.Description, errors);
        if (request.DirectoryRule is { } rule)
        {
            CheckDirectoryRule(rule, errors);
        }

        var claims = request.ClaimRules ?? [];
        if (claims.Count > MaximumRules)
        {
            errors.Add(new FieldError("claimRules", $"must be at most {MaximumRules}"));
        }

        for (var i = 0; i < Math.Min(claims.Count, MaximumRules); i++)
        {
            CheckText($"claimRules[{i}].provider", claims[i]?.Provider, errors);
            CheckText($"claimRules[{i}].claim", claims[i]?.Claim, errors);
            CheckText($"claimRules[{i}].value", claims[i]?.Value, errors);
        }

        return errors.Count > 0 ? new InvalidError(errors) : null;
    }

    private static void CheckDirectoryRule(TeamDirectoryRule rule, List<FieldError> errors)
    {
        if (rule.GroupDn is null == (rule.BaseDn is null))
        {
            errors.Add(new FieldError("directoryRule", "names either groupDn (members of a group) or baseDn with filter (what a search finds)"));
            return;
        }

        if (rule.GroupDn is not null)
        {
            CheckDn("directoryRule.groupDn", rule.GroupDn, errors);
        }
        else
        {
            CheckDn("directoryRule.baseDn", rule.BaseDn!, errors);
            if (rule.Filter is null || !Ldap.LdapFilter.TryParse(rule.Filter, out _, out _))
            {
                errors.Add(new FieldError("directoryRule.filter", "must be an LDAP filter (RFC 4515), e.g. (objectClass=person)"));
            }
        }

        if (rule.MemberAttribute is { } attribute && (attribute.Length is 0 or > 64 || !attribute.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or ';')))
        {
            errors.Add(new FieldError("directoryRule.memberAttribute", "must be the name of an attribute, e.g. member"));
        }
    }

    private static void CheckDn(string field, string dn, List<FieldError> errors)
    {
        if (!Ldap.DistinguishedName.TryParse(dn, out _, out _))
        {
            errors.Add(new FieldError(field, "must be a distinguished name, e.g. cn=ops,ou=groups,dc=example,dc=org"));
        }
    }

    private static void CheckText(string field, string? text, List<FieldError> errors)
    {
        if (string.IsNullOrWhiteSpace(text) || text.Length > MaximumRuleText || text.Any(char.IsControl))
        {
            errors.Add(new FieldError(field, $"must have 1 to {MaximumRuleText} characters and no control characters"));
        }
    }

    private static NotFoundError NotFound { get; } = new("team.not_found", "There is no such team.");
}
