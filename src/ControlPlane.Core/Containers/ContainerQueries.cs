using ControlPlane.Contracts.Rest;
using ControlPlane.Contracts.Rest.Containers;
using ControlPlane.Core.Access;
using ControlPlane.Core.Data;
using ControlPlane.Core.Lists;
using ControlPlane.Core.Results;
using ControlPlane.Core.State;
using Microsoft.EntityFrameworkCore;

namespace ControlPlane.Core.Containers;

/// <summary>Lists and single containers, from the snapshot: never a call to a node.</summary>
public sealed class ContainerQueries(ClusterState state, Authorizer authorizer, IDbContextFactory<ControlPlaneDb> databases)
{
    public Result<Page<ContainerView>> List(Caller caller, ContainerFilter filter)
    {
        ArgumentNullException.ThrowIfNull(filter);
        // A caller with no right at all is told so; one with rights on some collections sees those.
        if (Authorizer.CheckComplete(caller) is { } error)
        {
            return error;
        }

        var cluster = state.Current;
        var visible = new CollectionSight(authorizer, caller, Permission.ContainersRead);
        if (filter.IsEmpty && filter.List is { SortKey: null or "created" } plain && (plain.SortKey is null || plain.Descending))
        {
            return Newest(cluster, visible, plain);
        }

        var match = new ContainerMatch(filter, cluster);
        var total = 0;
        var key = SortKey(filter.List.SortKey, cluster);
        var list = filter.List.SortKey is null ? filter.List with { Descending = true } : filter.List;
        var taken = Keyset.Take(Matching(), key, container => container.Id, list);
        if (taken is not { } page)
        {
            return NotACursor();
        }

        return new Page<ContainerView>([.. page.Page.Select(container => ContainerViews.From(container, cluster))], page.NextCursor, total);

        IEnumerable<ContainerRecord> Matching()
        {
            foreach (var container in cluster.AllContainers)
            {
                if (visible.Of(container.Collection) && match.Passes(container))
                {
                    total++;
                    yield return container;
                }
            }
        }
    }

    /// <summary>The list that nearly everybody asks for, by the order that is kept: its cost is the page's, not the cluster's.</summary>
    private static Result<Page<ContainerView>> Newest(ClusterSnapshot cluster, CollectionSight visible, ListRequest list)
    {
        if (!Keyset.TryReadCursor(list.Cursor, out var after))
        {
            return NotACursor();
        }

        var index = 0;
        if (after is { } start)
        {
            var at = cluster.Newest.IndexOf(new ContainerPlace(start.Key.Number, start.Id));
            index = at >= 0 ? at + 1 : ~at;
        }

        var page = new List<ContainerRecord>(list.Limit + 1);
        for (; index < cluster.Newest.Count && page.Count <= list.Limit; index++)
        {
            var container = cluster.Containers[cluster.Newest[index].Id];
            if (visible.Of(container.Collection))
            {
                page.Add(container);
            }
        }

        var total = cluster.CollectionCounts.Where(pair => visible.Of(pair.Key)).Sum(pair => pair.Value);
        var (items, next) = Keyset.Cut(page, container => ListKey.Of(container.CreatedAt), container => container.Id, list.Limit);
        return new Page<ContainerView>([.. items.Select(container => ContainerViews.From(container, cluster))], next, total);
    }

    private static InvalidError NotACursor() => new("cursor", "This is not a cursor of this list. Begin again without one.");

    /// <summary>By cluster id, engine id, or exact name.</summary>
    public Result<ContainerRecord> Find(Caller caller, string idOrName, string permission = Permission.ContainersRead)
    {
        var cluster = state.Current;
        var found = cluster.Container(idOrName) ?? ByName(cluster, idOrName);
        if (found is null || !authorizer.MaySee(caller, Permission.ContainersRead, found.Collection))
        {
            if (caller.Kind == CallerKind.Anonymous)
            {
                return authorizer.Check(caller, permission, Collections.Root)!;
            }

            return NotFound(idOrName);
        }

        return authorizer.Check(caller, permission, found.Collection) is { } error ? error : found;
    }

    public Result<ContainerView> Get(Caller caller, string idOrName) =>
        Find(caller, idOrName).Map(container => ContainerViews.From(container, state.Current));

    /// <summary>With the placement that was kept when it was decided.</summary>
    public async Task<Result<ContainerView>> GetWithPlacementAsync(Caller caller, string idOrName, CancellationToken cancellationToken)
    {
        var found = Get(caller, idOrName);
        if (!found.IsSuccess || !found.Value.Managed)
        {
            return found;
        }

        return found.Value with { Placement = await KeptPlacementAsync(found.Value.Id, cancellationToken) };
    }

    public async Task<PlacementView?> KeptPlacementAsync(string id, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var json = await db.Containers.AsNoTracking().Where(c => c.Id == id).Select(c => c.PlacementJson).FirstOrDefaultAsync(cancellationToken);
        return json is null ? null : ContainerViews.ReadPlacement(json);
    }

    internal static NotFoundError NotFound(string idOrName) => new("container.not_found", $"There is no container {idOrName}.");

    private static ContainerRecord? ByName(ClusterSnapshot cluster, string name) =>
        cluster.AllContainers.FirstOrDefault(container => container.Managed && string.Equals(container.Name, name, StringComparison.Ordinal))
        ?? SingleOrNone(cluster.AllContainers.Where(container => string.Equals(container.Name, name, StringComparison.Ordinal)));

    /// <summary>Unmanaged names are unique on one node only; a name that several have names none.</summary>
    private static ContainerRecord? SingleOrNone(IEnumerable<ContainerRecord> containers)
    {
        ContainerRecord? single = null;
        foreach (var container in containers)
        {
            if (single is not null)
            {
                return null;
            }

            single = container;
        }

        return single;
    }

    private static Func<ContainerRecord, ListKey> SortKey(string? key, ClusterSnapshot cluster) => key switch
    {
        "name" => container => ListKey.Of(container.Name),
        "state" => container => ListKey.Of(container.State),
        "node" => container => ListKey.Of(cluster.Node(container.NodeId)?.Name ?? ""),
        "image" => container => ListKey.Of(container.Image),
        _ => container => ListKey.Of(container.CreatedAt),
    };
}
