using ControlPlane.Contracts.Rest;
using ControlPlane.Core.Audit;
using ControlPlane.Core.Data;
using ControlPlane.Core.Identity;
using ControlPlane.Core.Results;
using Microsoft.EntityFrameworkCore;

namespace ControlPlane.Core.Access.Administration;

/// <summary>Grants: nobody gives a right that they do not have themselves on that collection.</summary>
public sealed class GrantService(
    IDbContextFactory<ControlPlaneDb> databases, AccessStore store, Authorizer authorizer, AccessGate gate, AuditTrail audit, TimeProvider clock)
{
    private const int MaximumGrants = 20_000;

    /// <summary>Those on collections whose grants the caller may see, by collection and subject.</summary>
    public async Task<Result<IReadOnlyList<GrantView>>> ListAsync(Caller caller, GrantFilter filter, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(filter);
        if (authorizer.CheckAnywhere(caller, Permission.GrantsRead) is { } refused)
        {
            return refused;
        }

        var access = store.Current;
        var sight = new CollectionSight(authorizer, caller, Permission.GrantsRead);
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var rows = await db.Grants.AsNoTracking().ToListAsync(cancellationToken);
        var visible = rows.FindAll(row => sight.Of(row.Collection));
        var users = await SubjectNames.OfUsersAsync(db, visible.Select(AccessReader.ToGrant), cancellationToken);
        return (GrantView[])
        [
            .. visible.Select(row => View(row, access, users)).Where(grant => Passes(grant, filter))
                .OrderBy(grant => grant.Collection, StringComparer.OrdinalIgnoreCase).ThenBy(grant => grant.SubjectName, StringComparer.OrdinalIgnoreCase).ThenBy(grant => grant.Id, StringComparer.Ordinal),
        ];
    }

    public async Task<Result<GrantView>> CreateAsync(Caller caller, GrantRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var target = new AuditObject("grant", "", $"{AccessTexts.Short(request.Subject ?? request.SubjectKind)} × {AccessTexts.Short(request.Role)} × {AccessTexts.Short(request.Collection)}");
        if (await gate.RequireAnywhereAsync(caller, Permission.GrantsCreate, target, cancellationToken) is { } refused)
        {
            return refused;
        }

        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var read = await ReadAsync(db, caller, request, cancellationToken);
        if (!read.IsSuccess)
        {
            return read.Error;
        }

        var (row, role) = read.Value;
        if (await gate.RequireAsync(caller, Permission.GrantsCreate, row.Collection, target, cancellationToken) is { } denied)
        {
            return denied;
        }

        if (authorizer.CheckCovers(caller, role.Permissions, row.Collection) is { } escalation)
        {
            return await gate.RefuseAsync(caller, Permission.GrantsCreate, target, escalation, cancellationToken);
        }

        if (store.Current.Grants.Count >= MaximumGrants)
        {
            return new ConflictError("grant.too_many", $"There are {MaximumGrants} grants: remove some first.");
        }

        if (await db.Grants.AnyAsync(
            grant => grant.SubjectKind == row.SubjectKind && grant.SubjectId == row.SubjectId && grant.RoleId == row.RoleId && grant.Collection == row.Collection,
            cancellationToken))
        {
            return new ConflictError("grant.exists", "There is this grant already.");
        }

        db.Grants.Add(row);
        audit.Add(db, caller, Permission.GrantsCreate, target with { Id = row.Id });
        await store.SaveAsync(db, cancellationToken);
        var users = await SubjectNames.OfUsersAsync(db, [AccessReader.ToGrant(row)], cancellationToken);
        return View(row, store.Current, users);
    }

    public async Task<Result<Done>> DeleteAsync(Caller caller, string id, CancellationToken cancellationToken)
    {
        var target = new AuditObject("grant", AccessTexts.Short(id));
        if (await gate.RequireAnywhereAsync(caller, Permission.GrantsRemove, target, cancellationToken) is { } refused)
        {
            return refused;
        }

        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        if (await db.Grants.FirstOrDefaultAsync(grant => grant.Id == id, cancellationToken) is not { } row
            || !authorizer.MaySee(caller, Permission.GrantsRead, row.Collection))
        {
            return NotFound;
        }

        var users = await SubjectNames.OfUsersAsync(db, [AccessReader.ToGrant(row)], cancellationToken);
        var view = View(row, store.Current, users);
        target = target with { Name = $"{view.SubjectName} × {view.RoleName} × {view.Collection}" };
        if (await gate.RequireAsync(caller, Permission.GrantsRemove, row.Collection, target, cancellationToken) is { } denied)
        {
            return denied;
        }

        db.Grants.Remove(row);
        audit.Add(db, caller, Permission.GrantsRemove, target);
        await store.SaveAsync(db, cancellationToken);
        return Done.Value;
    }

    private async Task<Result<(GrantEntity Row, RoleDefinition Role)>> ReadAsync(ControlPlaneDb db, Caller caller, GrantRequest request, CancellationToken cancellationToken)
    {
        var errors = new List<FieldError>();
        var access = store.Current;
        var subject = request.SubjectKind switch
        {
            "everyone" => "",
            "team" => access.Teams.Values.FirstOrDefault(team => team.Id == request.Subject || AccountName.Fold(team.Name) == AccountName.Fold(request.Subject))?.Id,
            "user" => await UserAsync(db, request.Subject ?? "", cancellationToken),
            _ => null,
        };
        if (request.SubjectKind is not ("user" or "team" or "everyone"))
        {
            errors.Add(new FieldError("subjectKind", "must be user, team or everyone"));
        }
        else if (subject is null)
        {
            errors.Add(new FieldError("subject", $"There is no {request.SubjectKind} {AccessTexts.Short(request.Subject)}."));
        }

        var role = access.Roles.GetValueOrDefault(request.Role)
            ?? access.Roles.Values.FirstOrDefault(role => AccountName.Fold(role.Name) == AccountName.Fold(request.Role));
        if (role is null)
        {
            errors.Add(new FieldError("role", $"There is no role {AccessTexts.Short(request.Role)}."));
        }

        // A collection the caller may not see is one that does not exist.
        if (!access.Collections.ContainsKey(request.Collection) || !authorizer.MaySee(caller, Permission.CollectionsRead, request.Collection))
        {
            errors.Add(new FieldError("collection", $"There is no collection {AccessTexts.Short(request.Collection)}."));
        }

        if (errors.Count > 0)
        {
            return new InvalidError(errors);
        }

        var now = clock.GetUtcNow();
        var row = new GrantEntity
        {
            Id = Guid.CreateVersion7(now).ToString("N"),
            SubjectKind = request.SubjectKind,
            SubjectId = subject!,
            RoleId = role!.Id,
            Collection = request.Collection,
            CreatedAt = now.UtcDateTime,
            CreatedBy = caller.Name,
        };
        return (row, role);
    }

    private static async Task<string?> UserAsync(ControlPlaneDb db, string idOrName, CancellationToken cancellationToken)
    {
        var folded = AccountName.Fold(idOrName);
        return await db.Users.Where(user => user.Id == idOrName || user.FoldedName == folded).Select(user => user.Id).FirstOrDefaultAsync(cancellationToken);
    }

    private static GrantView View(GrantEntity row, AccessSnapshot access, Dictionary<string, string> users) => new(
        row.Id,
        row.SubjectKind,
        row.SubjectId,
        SubjectNames.Of(AccessReader.ToGrant(row), access, users),
        row.RoleId,
        access.Roles.GetValueOrDefault(row.RoleId)?.Name ?? row.RoleId,
        row.Collection,
        row.CreatedAt,
        row.CreatedBy);

    private static bool Passes(GrantView grant, GrantFilter filter) =>
        (filter.Subjects.Count == 0 || filter.Subjects.Contains(grant.SubjectId, StringComparer.Ordinal) || filter.Subjects.Contains(grant.SubjectName, StringComparer.OrdinalIgnoreCase))
        && (filter.SubjectKinds.Count == 0 || filter.SubjectKinds.Contains(grant.SubjectKind, StringComparer.Ordinal))
        && (filter.Roles.Count == 0 || filter.Roles.Contains(grant.RoleId, StringComparer.Ordinal) || filter.Roles.Contains(grant.RoleName, StringComparer.OrdinalIgnoreCase))
        && (filter.Collections.Count == 0 || filter.Collections.Contains(grant.Collection, StringComparer.Ordinal));

    private static NotFoundError NotFound { get; } = new("grant.not_found", "There is no such grant.");
}
