using ControlPlane.Contracts.Rest.Containers;
using ControlPlane.Core.Access;
using ControlPlane.Core.State;

namespace ControlPlane.Core.Containers;

/// <summary>Counts and selections for people who look at lists; from the snapshot, of what the caller may see.</summary>
public sealed class ContainerCounts(ClusterState state, Authorizer authorizer)
{
    public ContainerFacets Facets(Caller caller, ContainerFilter filter)
    {
        ArgumentNullException.ThrowIfNull(filter);
        var cluster = state.Current;
        var sight = new CollectionSight(authorizer, caller, Permission.ContainersRead);
        var visible = cluster.AllContainers.Where(container => sight.Of(container.Collection)).ToList();
        var all = new ContainerMatch(filter, cluster);
        var matching = visible.FindAll(all.Passes);
        return new ContainerFacets(
            Count(Without(filter.States, filter with { States = [] }), container => container.State),
            Count(Without(filter.Nodes, filter with { Nodes = [] }), container => cluster.Node(container.NodeId)?.Name ?? container.NodeId),
            Count(Without(filter.Images, filter with { Images = [] }), container => container.Image),
            Count(Without(filter.Health, filter with { Health = [] }), container => container.Observed?.Health));

        // A facet without a choice counts what the list shows; only one with a choice needs a pass of its own.
        List<ContainerRecord> Without(IReadOnlyList<string> chosen, ContainerFilter rest) =>
            chosen.Count == 0 ? matching : visible.FindAll(new ContainerMatch(rest, cluster).Passes);
    }

    /// <summary>Those of <paramref name="ids"/> that the caller may see and the filter lets through.</summary>
    public IReadOnlyList<ContainerView> Some(Caller caller, ContainerFilter filter, IEnumerable<string> ids)
    {
        ArgumentNullException.ThrowIfNull(ids);
        var cluster = state.Current;
        var sight = new CollectionSight(authorizer, caller, Permission.ContainersRead);
        var match = new ContainerMatch(filter, cluster);
        return
        [
            .. ids.Distinct(StringComparer.Ordinal)
                .Select(id => cluster.Containers.GetValueOrDefault(id))
                .OfType<ContainerRecord>()
                .Where(container => sight.Of(container.Collection) && match.Passes(container))
                .Select(container => ContainerViews.From(container, cluster)),
        ];
    }

    private static IReadOnlyList<FacetValue> Count(List<ContainerRecord> containers, Func<ContainerRecord, string?> of)
    {
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var container in containers)
        {
            if (of(container) is { } value)
            {
                System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(counts, value, out _)++;
            }
        }

        return [.. counts.OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => new FacetValue(pair.Key, pair.Value))];
    }
}
