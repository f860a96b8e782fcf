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
        if (caller.Kind == CallerKind.Anonymous && authorizer.Check(caller, Permission.ContainersRead, Collections.Root) is { } error)
        {
            return error;
        }

        var cluster = state.Current;
        var match = new ContainerMatch(filter, cluster);
        var total = 0;
        var visible = new CollectionSight(authorizer, caller, Permission.ContainersRead);
        var key = SortKey(filter.List.SortKey, cluster);
        var list = filter.List.SortKey is null ? filter.List with { Descending = true } : filter.List;
        var taken = Keyset.Take(Matching(), key, container => container.Id, list);
        if (taken is not { } page)
        {
            return new InvalidError("cursor", "This is not a cursor of this list. Begin again without one.");
        }

        return new Page<ContainerView>([.. page.Page.Select(container => ContainerViews.From(container, cluster))], page.NextCursor, total);

        IEnumerable<ContainerRecord> Matching()
        {
            foreach (var container in cluster.Containers.Values)
            {
                if (visible.Of(container.Collection) && match.Passes(container))
                {
                    total++;
                    yield return container;
                }
            }
        }
    }

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
        cluster.Containers.Values.FirstOrDefault(container => container.Managed && string.Equals(container.Name, name, StringComparison.Ordinal))
        ?? SingleOrNone(cluster.Containers.Values.Where(container => string.Equals(container.Name, name, StringComparison.Ordinal)));

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

    private static Func<ContainerRecord, string> SortKey(string? key, ClusterSnapshot cluster) => key switch
    {
        "name" => container => container.Name,
        "state" => container => container.State,
        "node" => container => cluster.Node(container.NodeId)?.Name ?? "",
        "image" => container => container.Image,
        _ => container => Keyset.SortText(container.CreatedAt),
    };
}
