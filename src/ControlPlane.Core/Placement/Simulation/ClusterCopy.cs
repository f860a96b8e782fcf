using ControlPlane.Contracts.Rest.Placements;
using ControlPlane.Core.State;
using ControlPlane.Scheduling;

namespace ControlPlane.Core.Placement.Simulation;

/// <summary>
/// The cluster as it is, reservations in flight included, in an index of its own: whatever is tried on it, the real one does not
/// change. The writer's lock is held only while the nodes and the reservations are read.
/// </summary>
internal sealed class ClusterCopy
{
    private ClusterCopy(ClusterSnapshot cluster, DateTime at, IReadOnlyList<NodeFacts> nodes, IReadOnlyList<KeyValuePair<string, ContainerLoad>> reservations)
    {
        Cluster = cluster;
        At = at;
        // In the order of the real index: it decides between equals.
        foreach (var node in nodes)
        {
            Index.UpsertNode(node);
        }

        foreach (var container in cluster.AllContainers)
        {
            Index.Put(container.Id, PlacementFacts.Of(container));
        }

        foreach (var (key, load) in reservations)
        {
            // One that is being placed anew counts where it is and where it goes.
            Index.Put(cluster.Containers.ContainsKey(key) ? key + "+" : key, load);
        }
    }

    public ClusterSnapshot Cluster { get; }

    public DateTime At { get; }

    public PlacementIndex Index { get; } = new();

    public static ClusterCopy Of(ClusterState state)
    {
        var (cluster, at, nodes, reservations) = state.Write(writer => (state.Current, writer.Now, Nodes(writer.Placement.View), writer.Placement.Reservations()));
        return new ClusterCopy(cluster, at, nodes, reservations);
    }

    /// <summary>What is reserved on each node at the moment.</summary>
    public Dictionary<string, NodeLoadView> Loads()
    {
        var loads = new Dictionary<string, NodeLoadView>(StringComparer.Ordinal);
        foreach (var node in Views(Index.View))
        {
            var (usage, capacity) = (node.Usage, node.Facts.Capacity);
            loads[node.Id.Value] = new NodeLoadView(
                usage.ContainerCount,
                usage.ReservedMemoryBytes,
                capacity.MemoryBytes,
                Percent(usage.ReservedMemoryBytes, capacity.MemoryBytes),
                usage.ReservedNanoCpus,
                capacity.NanoCpus,
                Percent(usage.ReservedNanoCpus, capacity.NanoCpus));
        }

        return loads;
    }

    /// <summary>The nodes of a view in the order of their slots.</summary>
    public static IEnumerable<NodeView> Views(IClusterView view)
    {
        for (var slot = 0; slot < view.SlotCount; slot++)
        {
            if (view.TryGetNode(slot, out var node))
            {
                yield return node;
            }
        }
    }

    private static NodeFacts[] Nodes(IClusterView view) => [.. Views(view).Select(node => node.Facts)];

    private static double Percent(long reserved, long capacity) => capacity <= 0 ? 0 : Math.Round(reserved * 100.0 / capacity, 1);
}
