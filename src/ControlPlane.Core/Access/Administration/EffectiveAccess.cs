using ControlPlane.Core.Containers;
using ControlPlane.Core.Data;
using ControlPlane.Core.Identity;
using ControlPlane.Core.Nodes;
using ControlPlane.Core.Results;
using Microsoft.EntityFrameworkCore;

namespace ControlPlane.Core.Access.Administration;

/// <summary>Explains access: per user what and because of which grant, per thing who.</summary>
public sealed class EffectiveAccess(
    IDbContextFactory<ControlPlaneDb> databases, AccessStore store, Authorizer authorizer, ContainerQueries containers, NodeQueries nodes)
{
    private const int MaximumSubjects = 500;

    /// <summary>Everybody may ask about themselves; about others needs the right to see grants (on the collections that are shown).</summary>
    public async Task<Result<EffectiveOfUser>> OfUserAsync(Caller caller, string userIdOrName, CancellationToken cancellationToken)
    {
        if (Authorizer.CheckComplete(caller) is { } incomplete)
        {
            return incomplete;
        }

        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var folded = AccountName.Fold(userIdOrName);
        var user = await db.Users.AsNoTracking().FirstOrDefaultAsync(u => u.Id == userIdOrName || u.FoldedName == folded, cancellationToken);
        var own = user is not null && user.Id == caller.Id;
        if (!own && authorizer.CheckAnywhere(caller, Permission.GrantsRead) is { } refused)
        {
            return refused;
        }

        if (user is null)
        {
            return new NotFoundError("user.not_found", "There is no such user.");
        }

        var access = store.Current;
        var grants = access.GrantsFor(user.Id).ToList();
        var rights = access.RightsOf(user.Id);
        var collections = user.IsAdministrator ? [Collections.Root] : rights.Granted.Keys.Order(StringComparer.OrdinalIgnoreCase).ToList();
        return new EffectiveOfUser(
            user.Id, user.Name, user.IsAdministrator, user.DisabledAt is not null,
            [
                .. collections.Where(collection => own || authorizer.MaySee(caller, Permission.GrantsRead, collection)).Select(collection => new EffectiveOnCollection(
                    collection,
                    (user.IsAdministrator ? PermissionSet.All : rights.On(collection)).Names(),
                    Reasons(grants, collection, access, user.IsAdministrator))),
            ]);
    }

    /// <summary>Who may do what on a collection.</summary>
    public async Task<Result<EffectiveOnObject>> OnCollectionAsync(Caller caller, string path, string? permission, CancellationToken cancellationToken)
    {
        if (authorizer.CheckAnywhere(caller, Permission.GrantsRead) is { } refused)
        {
            return refused;
        }

        return store.Current.Collections.ContainsKey(path) && authorizer.MaySee(caller, Permission.GrantsRead, path)
            ? await OnAsync("collection", path, path, permission, cancellationToken)
            : new NotFoundError("collection.not_found", "There is no such collection.");
    }

    public async Task<Result<EffectiveOnObject>> OnContainerAsync(Caller caller, string idOrName, string? permission, CancellationToken cancellationToken)
    {
        var found = containers.Find(caller, idOrName);
        return !found.IsSuccess ? found.Error
            : authorizer.Check(caller, Permission.GrantsRead, found.Value.Collection) is { } refused ? refused
            : await OnAsync("container", found.Value.Name, found.Value.Collection, permission, cancellationToken);
    }

    public async Task<Result<EffectiveOnObject>> OnNodeAsync(Caller caller, string idOrName, string? permission, CancellationToken cancellationToken)
    {
        var found = nodes.Find(caller, idOrName);
        return !found.IsSuccess ? found.Error
            : authorizer.Check(caller, Permission.GrantsRead, found.Value.Collection) is { } refused ? refused
            : await OnAsync("node", found.Value.Name, found.Value.Collection, permission, cancellationToken);
    }

    private async Task<Result<EffectiveOnObject>> OnAsync(string kind, string name, string collection, string? permission, CancellationToken cancellationToken)
    {
        if (permission is not null && !PermissionCatalog.Exists(permission))
        {
            return new InvalidError("permission", $"'{AccessTexts.Short(permission)}' is no right; GET /roles/permissions lists them");
        }

        var access = store.Current;
        var here = access.Grants.Where(grant => CollectionPath.IsSelfOrUnder(collection, grant.Collection)).ToList();
        var teams = here.Where(grant => grant.SubjectKind == SubjectKind.Team).Select(grant => grant.SubjectId).Distinct(StringComparer.Ordinal).ToList();
        var direct = here.Where(grant => grant.SubjectKind == SubjectKind.User).Select(grant => grant.SubjectId).Distinct(StringComparer.Ordinal).ToList();
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var users = await db.Users.AsNoTracking()
            .Where(user => user.IsAdministrator || direct.Contains(user.Id) || db.TeamMembers.Any(member => member.UserId == user.Id && teams.Contains(member.TeamId)))
            .OrderBy(user => user.FoldedName)
            .Take(MaximumSubjects + 1)
            .Select(user => new { user.Id, user.Name, user.IsAdministrator, user.DisabledAt })
            .ToListAsync(cancellationToken);
        var everyone = here.Where(grant => grant.SubjectKind == SubjectKind.Everyone).ToList();
        var subjects = users.Take(MaximumSubjects).Select(user => new EffectiveSubject(
                "user",
                user.Id,
                user.Name,
                user.DisabledAt is not null,
                (user.IsAdministrator ? PermissionSet.All : access.RightsOf(user.Id).On(collection)).Names(),
                Reasons(access.GrantsFor(user.Id), collection, access, user.IsAdministrator)))
            .ToList();
        if (everyone.Count > 0)
        {
            var rights = new SubjectRights(everyone, access.Roles).On(collection);
            subjects.Insert(0, new EffectiveSubject("everyone", "", "everyone", false, rights.Names(), Reasons(everyone, collection, access, false)));
        }

        return new EffectiveOnObject(
            kind, name, collection,
            [.. subjects.Where(subject => permission is null ? subject.Permissions.Count > 0 : subject.Permissions.Contains(permission, StringComparer.Ordinal))],
            users.Count > MaximumSubjects);
    }

    private static IReadOnlyList<EffectiveReason> Reasons(IEnumerable<GrantRecord> grants, string collection, AccessSnapshot access, bool isAdministrator)
    {
        var reasons = grants.Where(grant => CollectionPath.IsSelfOrUnder(collection, grant.Collection)).Select(grant => new EffectiveReason(
            grant.Id,
            grant.RoleId,
            access.Roles.GetValueOrDefault(grant.RoleId)?.Name ?? grant.RoleId,
            grant.Collection,
            AccessReader.Write(grant.SubjectKind),
            grant.SubjectKind == SubjectKind.Team ? access.Teams.GetValueOrDefault(grant.SubjectId)?.Name : null));
        return isAdministrator
            ? [new EffectiveReason(null, BuiltInRoles.AdminId, "Admin", Collections.Root, "administrator", null), .. reasons]
            : [.. reasons];
    }
}
