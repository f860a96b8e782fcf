using System.Text.Json;
using ControlPlane.Contracts.Rest;
using ControlPlane.Core.Audit;
using ControlPlane.Core.Data;
using ControlPlane.Core.Identity;
using ControlPlane.Core.Results;
using Microsoft.EntityFrameworkCore;

namespace ControlPlane.Core.Access.Administration;

/// <summary>Roles: the built-in ones and those that people make. A change of a role holds at once for everybody who has it.</summary>
public sealed class RoleService(
    IDbContextFactory<ControlPlaneDb> databases, AccessStore store, Authorizer authorizer, AccessGate gate, AuditTrail audit, TimeProvider clock)
{
    private const int MaximumRoles = 500;

    /// <summary>All of them, built-in ones first.</summary>
    public async Task<Result<IReadOnlyList<RoleView>>> ListAsync(Caller caller, CancellationToken cancellationToken)
    {
        if (authorizer.Check(caller, Permission.RolesRead, Collections.System) is { } refused)
        {
            return refused;
        }

        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var rows = await db.Roles.AsNoTracking().OrderBy(role => role.FoldedName).ToListAsync(cancellationToken);
        var uses = store.Current.Grants.CountBy(grant => grant.RoleId).ToDictionary(StringComparer.Ordinal);
        return (RoleView[])[.. BuiltInRoles.All.Select(role => View(role, uses, 0)), .. rows.Select(row => View(AccessReader.ToRole(row), uses, row.Version))];
    }

    /// <summary>By id or name.</summary>
    public async Task<Result<RoleView>> GetAsync(Caller caller, string idOrName, CancellationToken cancellationToken)
    {
        var all = await ListAsync(caller, cancellationToken);
        return !all.IsSuccess ? all.Error
            : all.Value.FirstOrDefault(role => role.Id == idOrName || AccountName.Fold(role.Name) == AccountName.Fold(idOrName)) is { } found ? found
            : NotFound;
    }

    public async Task<Result<RoleView>> CreateAsync(Caller caller, RoleRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var target = new AuditObject("role", "", AccessTexts.Short(request.Name));
        if (await gate.RequireAsync(caller, Permission.RolesCreate, Collections.System, target, cancellationToken) is { } refused)
        {
            return refused;
        }

        if (Validate(request) is { } invalid)
        {
            return invalid;
        }

        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        if (await db.Roles.CountAsync(cancellationToken) >= MaximumRoles)
        {
            return new ConflictError("role.too_many", $"There are {MaximumRoles} roles: remove one first.");
        }

        var now = clock.GetUtcNow();
        var row = new RoleEntity
        {
            Id = Guid.CreateVersion7(now).ToString("N"),
            Name = request.Name,
            FoldedName = AccountName.Fold(request.Name),
            Description = request.Description,
            PermissionsJson = JsonSerializer.Serialize(PermissionSet.Of(request.Permissions).Names()),
            CreatedAt = now.UtcDateTime,
        };
        if (await IsTakenAsync(db, row, cancellationToken))
        {
            return NameTaken(request.Name);
        }

        db.Roles.Add(row);
        audit.Add(db, caller, Permission.RolesCreate, target with { Id = row.Id }, AuditTrail.Ok, row.PermissionsJson);
        return await SaveAsync(db, row, cancellationToken);
    }

    public async Task<Result<RoleView>> PutAsync(Caller caller, string id, RoleRequest request, long? ifMatch, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var target = new AuditObject("role", AccessTexts.Short(id), AccessTexts.Short(request.Name));
        if (await gate.RequireAsync(caller, Permission.RolesUpdate, Collections.System, target, cancellationToken) is { } refused)
        {
            return refused;
        }

        if (Validate(request) is { } invalid)
        {
            return invalid;
        }

        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var found = await FindAsync(db, id, cancellationToken);
        if (!found.IsSuccess)
        {
            return found.Error;
        }

        var row = found.Value;
        if (Revision.Check(ifMatch, row.Version) is { } stale)
        {
            return stale;
        }

        // A right that is added is given to everybody who has the role: where it is granted, the caller must have it.
        var before = AccessReader.ToRole(row).Permissions;
        var after = PermissionSet.Of(request.Permissions);
        foreach (var collection in store.Current.Grants.Where(grant => grant.RoleId == id).Select(grant => grant.Collection).Distinct(StringComparer.Ordinal))
        {
            if (authorizer.CheckCovers(caller, after - before, collection) is { } escalation)
            {
                return await gate.RefuseAsync(caller, Permission.RolesUpdate, target, escalation, cancellationToken);
            }
        }

        row.Name = request.Name;
        row.FoldedName = AccountName.Fold(request.Name);
        row.Description = request.Description;
        row.PermissionsJson = JsonSerializer.Serialize(after.Names());
        if (await IsTakenAsync(db, row, cancellationToken))
        {
            return NameTaken(request.Name);
        }

        audit.Add(
            db, caller, Permission.RolesUpdate, target, AuditTrail.Ok,
            $"added {Words(after - before)}; removed {Words(before - after)}");
        return await SaveAsync(db, row, cancellationToken);
    }

    public async Task<Result<Done>> DeleteAsync(Caller caller, string id, long? ifMatch, CancellationToken cancellationToken)
    {
        var target = new AuditObject("role", AccessTexts.Short(id));
        if (await gate.RequireAsync(caller, Permission.RolesRemove, Collections.System, target, cancellationToken) is { } refused)
        {
            return refused;
        }

        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var found = await FindAsync(db, id, cancellationToken);
        if (!found.IsSuccess)
        {
            return found.Error;
        }

        if (Revision.Check(ifMatch, found.Value.Version) is { } stale)
        {
            return stale;
        }

        if (await db.Grants.CountAsync(grant => grant.RoleId == id, cancellationToken) is > 0 and var uses)
        {
            return new ConflictError("role.in_use", $"{uses} grants use this role. Remove them first.");
        }

        db.Roles.Remove(found.Value);
        audit.Add(db, caller, Permission.RolesRemove, target with { Name = found.Value.Name });
        await store.SaveAsync(db, cancellationToken);
        return Done.Value;
    }

    private static async Task<bool> IsTakenAsync(ControlPlaneDb db, RoleEntity row, CancellationToken cancellationToken) =>
        BuiltInRoles.All.Any(role => AccountName.Fold(role.Name) == row.FoldedName || role.Id == row.FoldedName)
        || await db.Roles.AnyAsync(role => role.FoldedName == row.FoldedName && role.Id != row.Id, cancellationToken);

    private async Task<Result<RoleView>> SaveAsync(ControlPlaneDb db, RoleEntity row, CancellationToken cancellationToken)
    {
        try
        {
            await store.SaveAsync(db, cancellationToken);
        }
        catch (DbUpdateConcurrencyException)
        {
            return Revision.Stale(row.Version);
        }

        var uses = store.Current.Grants.CountBy(grant => grant.RoleId).ToDictionary(StringComparer.Ordinal);
        return View(AccessReader.ToRole(row), uses, row.Version);
    }

    private static async Task<Result<RoleEntity>> FindAsync(ControlPlaneDb db, string id, CancellationToken cancellationToken)
    {
        if (BuiltInRoles.All.Any(role => role.Id == id))
        {
            return new ConflictError("role.built_in", "Built-in roles cannot be changed or removed. Make a role of your own.");
        }

        return await db.Roles.FirstOrDefaultAsync(role => role.Id == id, cancellationToken) is { } row ? row : NotFound;
    }

    private static InvalidError? Validate(RoleRequest request)
    {
        var errors = new List<FieldError>();
        AccessTexts.CheckName(request.Name, errors);
        AccessTexts.CheckDescription(request.Description, errors);
        for (var i = 0; i < request.Permissions.Count; i++)
        {
            if (!PermissionCatalog.Exists(request.Permissions[i] ?? ""))
            {
                errors.Add(new FieldError($"permissions[{i}]", $"'{AccessTexts.Short(request.Permissions[i])}' is no right; GET /roles/permissions lists them"));
            }
        }

        return errors.Count > 0 ? new InvalidError(errors) : null;
    }

    private static RoleView View(RoleDefinition role, Dictionary<string, int> uses, long revision) =>
        new(role.Id, role.Name, role.Description, role.BuiltIn, role.Permissions.Names(), uses.GetValueOrDefault(role.Id), revision);

    private static string Words(PermissionSet rights) => rights.IsEmpty ? "nothing" : string.Join(' ', rights.Names());

    private static ConflictError NameTaken(string name) => new("role.name_taken", $"There is a role named {name} already.");

    private static NotFoundError NotFound { get; } = new("role.not_found", "There is no such role.");
}
