using ControlPlane.Contracts.Rest;
using ControlPlane.Core.Audit;
using ControlPlane.Core.Data;
using ControlPlane.Core.Results;
using ControlPlane.Core.State;
using Microsoft.EntityFrameworkCore;

namespace ControlPlane.Core.Access.Administration;

/// <summary>The tree of collections: two levels under the root. There is no hidden one.</summary>
public sealed class CollectionService(
    IDbContextFactory<ControlPlaneDb> databases, AccessStore store, ClusterState state, Authorizer authorizer, AccessGate gate, AuditTrail audit, TimeProvider clock)
{
    private const int MaximumCollections = 2000;

    /// <summary>Those the caller has the right to see, by path.</summary>
    public Result<IReadOnlyList<CollectionView>> List(Caller caller)
    {
        if (authorizer.CheckAnywhere(caller, Permission.CollectionsRead) is { } refused)
        {
            return refused;
        }

        var (access, cluster) = (store.Current, state.Current);
        var nodes = cluster.Nodes.Values.CountBy(node => node.Collection).ToDictionary(StringComparer.Ordinal);
        var grants = access.Grants.CountBy(grant => grant.Collection).ToDictionary(StringComparer.Ordinal);
        return (CollectionView[])
        [
            .. access.Collections.Values.Where(collection => authorizer.MaySee(caller, Permission.CollectionsRead, collection.Path))
                .OrderBy(collection => collection.Path, StringComparer.OrdinalIgnoreCase)
                .Select(collection => View(caller, collection, nodes.GetValueOrDefault(collection.Path), grants.GetValueOrDefault(collection.Path))),
        ];
    }

    public Result<CollectionView> Get(Caller caller, string path) =>
        List(caller) is { IsSuccess: false } refused ? refused.Error
        : List(caller).Value.FirstOrDefault(collection => collection.Path == path) is { } found ? found
        : NotFound;

    public async Task<Result<CollectionView>> CreateAsync(Caller caller, CollectionRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var errors = new List<FieldError>();
        if (!CollectionPath.IsValid(request.Path))
        {
            errors.Add(new FieldError("path", CollectionPath.Shape));
        }

        Validate(request.Description, request.Policy, errors);
        var target = new AuditObject("collection", AccessTexts.Short(request.Path));
        var parent = errors.Exists(error => error.Field == "path") ? Collections.Root : CollectionPath.Parent(request.Path)!;
        if (await gate.RequireAsync(caller, Permission.CollectionsCreate, parent, target, cancellationToken) is { } refused)
        {
            return refused;
        }

        if (errors.Count == 0 && !store.Current.Collections.ContainsKey(parent))
        {
            errors.Add(new FieldError("path", $"There is no collection {parent}; make it first."));
        }

        if (errors.Count == 0 && parent == Collections.System)
        {
            errors.Add(new FieldError("path", "/System is the control plane's own and has no collections below it"));
        }

        if (errors.Count > 0)
        {
            return new InvalidError(errors);
        }

        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var folded = CollectionPath.Fold(request.Path);
        if (store.Current.Collections.Keys.Any(path => CollectionPath.Fold(path) == folded)
            || await db.Collections.AnyAsync(collection => collection.FoldedPath == folded, cancellationToken))
        {
            return new ConflictError("collection.exists", $"There is a collection {request.Path} already (upper and lower case are the same).");
        }

        if (await db.Collections.CountAsync(cancellationToken) >= MaximumCollections)
        {
            return new ConflictError("collection.too_many", $"There are {MaximumCollections} collections: remove one first.");
        }

        db.Collections.Add(new CollectionEntity
        {
            Path = request.Path,
            FoldedPath = folded,
            Description = request.Description,
            PolicyJson = request.Policy?.Write(),
            CreatedAt = clock.GetUtcNow().UtcDateTime,
        });
        audit.Add(db, caller, Permission.CollectionsCreate, target, AuditTrail.Ok, request.Policy?.Write());
        await store.SaveAsync(db, cancellationToken);
        return Seen(caller, request.Path);
    }

    public async Task<Result<CollectionView>> PutAsync(Caller caller, string path, CollectionChange request, long? ifMatch, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var target = new AuditObject("collection", AccessTexts.Short(path));
        if (await RequireAsync(caller, Permission.CollectionsUpdate, path, target, cancellationToken) is { } refused)
        {
            return refused;
        }

        var errors = new List<FieldError>();
        Validate(request.Description, request.Policy, errors);
        if (errors.Count > 0)
        {
            return new InvalidError(errors);
        }

        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var row = await db.Collections.FirstOrDefaultAsync(collection => collection.Path == path, cancellationToken);
        if (Revision.Check(ifMatch, row?.Version ?? 0) is { } stale)
        {
            return stale;
        }

        if (row is null)
        {
            // A built-in one gets its row with its first change.
            row = new CollectionEntity { Path = path, FoldedPath = CollectionPath.Fold(path), CreatedAt = clock.GetUtcNow().UtcDateTime };
            db.Collections.Add(row);
        }

        var before = row.PolicyJson;
        row.Description = request.Description;
        row.PolicyJson = request.Policy?.Write();
        audit.Add(db, caller, Permission.CollectionsUpdate, target, AuditTrail.Ok, $"policy {before ?? "none"} → {row.PolicyJson ?? "none"}");
        try
        {
            await store.SaveAsync(db, cancellationToken);
        }
        catch (DbUpdateConcurrencyException)
        {
            return Revision.Stale(row.Version);
        }

        return Seen(caller, path);
    }

    /// <summary>Only an empty one: nothing in it, nothing below it, no grant on it.</summary>
    public async Task<Result<Done>> DeleteAsync(Caller caller, string path, long? ifMatch, CancellationToken cancellationToken)
    {
        var target = new AuditObject("collection", AccessTexts.Short(path));
        if (await RequireAsync(caller, Permission.CollectionsRemove, path, target, cancellationToken) is { } refused)
        {
            return refused;
        }

        if (Collections.BuiltIn.Contains(path, StringComparer.Ordinal))
        {
            return new ConflictError("collection.built_in", $"{path} is always there.");
        }

        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        if (await db.Collections.FirstOrDefaultAsync(collection => collection.Path == path, cancellationToken) is not { } row)
        {
            return NotFound;
        }

        if (Revision.Check(ifMatch, row.Version) is { } stale)
        {
            return stale;
        }

        if (await HoldersAsync(db, path, cancellationToken) is { Count: > 0 } holders)
        {
            return new ConflictError("collection.not_empty", $"{path} still has {string.Join(", ", holders)}. Move or remove them first.");
        }

        db.Collections.Remove(row);
        audit.Add(db, caller, Permission.CollectionsRemove, target);
        await store.SaveAsync(db, cancellationToken);
        return Done.Value;
    }

    private async Task<List<string>> HoldersAsync(ControlPlaneDb db, string path, CancellationToken cancellationToken)
    {
        var below = store.Current.Collections.Keys.Count(other => other != path && CollectionPath.IsSelfOrUnder(other, path));
        var users = await db.Users.CountAsync(user => user.DefaultCollection == path, cancellationToken);
        (int Count, string What)[] found =
        [
            (below, "collections below it"),
            (await db.Nodes.CountAsync(node => node.Collection == path, cancellationToken), "nodes"),
            (await db.Containers.CountAsync(container => container.Collection == path, cancellationToken), "containers"),
            (await db.OwnedObjects.CountAsync(owned => owned.Collection == path, cancellationToken), "networks and volumes"),
            (await db.Grants.CountAsync(grant => grant.Collection == path, cancellationToken), "grants"),
            (await db.JoinTokens.CountAsync(token => token.Collection == path && token.RevokedAt == null, cancellationToken), "join tokens"),
            (users, "users whose default it is"),
        ];
        return [.. found.Where(holder => holder.Count > 0).Select(holder => $"{holder.Count} {holder.What}")];
    }

    private async Task<Error?> RequireAsync(Caller caller, string permission, string path, AuditObject target, CancellationToken cancellationToken)
    {
        if (await gate.RequireAnywhereAsync(caller, permission, target, cancellationToken) is { } refused)
        {
            return refused;
        }

        if (!store.Current.Collections.ContainsKey(path) || !authorizer.MaySee(caller, Permission.CollectionsRead, path))
        {
            return NotFound;
        }

        return await gate.RequireAsync(caller, permission, path, target, cancellationToken);
    }

    private Result<CollectionView> Seen(Caller caller, string path)
    {
        var collection = store.Current.Collections.GetValueOrDefault(path);
        return collection is null ? NotFound
            : View(
                caller, collection, state.Current.Nodes.Values.Count(node => node.Collection == path),
                store.Current.Grants.Count(grant => grant.Collection == path));
    }

    private CollectionView View(Caller caller, CollectionRecord collection, int nodes, int grants) => new(
        collection.Path,
        CollectionPath.Parent(collection.Path),
        collection.Description ?? Built(collection.Path),
        Collections.BuiltIn.Contains(collection.Path, StringComparer.Ordinal),
        collection.Policy,
        nodes,
        state.Current.CollectionCounts.GetValueOrDefault(collection.Path),
        authorizer.MaySee(caller, Permission.GrantsRead, collection.Path) ? grants : null,
        collection.Revision);

    private static string? Built(string path) => path switch
    {
        Collections.Root => "Everything. A grant here counts everywhere.",
        Collections.Shared => "Where things go when nobody says otherwise; nodes join it.",
        Collections.System => "The control plane itself: accounts, settings, audit.",
        Collections.Unmanaged => "Containers that were made directly on an engine.",
        _ => null,
    };

    private static void Validate(string? description, CollectionPolicy? policy, List<FieldError> errors)
    {
        AccessTexts.CheckDescription(description, errors);
        if (policy is not null)
        {
            CollectionPolicyRules.Check(policy, errors);
        }
    }

    private static NotFoundError NotFound { get; } = new("collection.not_found", "There is no such collection.");
}
