namespace ControlPlane.Scheduling;

/// <summary>What lies on a node, in the two measures that the strategies look at.</summary>
/// <param name="Node">Identity of the node.</param>
/// <param name="Name">Its name.</param>
/// <param name="Containers">Containers in any state, reservations included.</param>
/// <param name="Share">Mean of reserved memory and reserved CPUs, in percent of what may be reserved.</param>
public readonly record struct NodeLoad(NodeId Node, string Name, int Containers, double Share)
{
    /// <summary>The load of a node of a view.</summary>
    /// <param name="node">The node.</param>
    public static NodeLoad Of(in NodeView node) => new(
        node.Id,
        node.Name,
        node.Usage.ContainerCount,
        ShareOf(node.Facts.Capacity, node.Usage.ReservedMemoryBytes, node.Usage.ReservedNanoCpus));

    /// <summary>Memory and CPUs as a share of a node, in percent.</summary>
    /// <param name="capacity">The node's capacity.</param>
    /// <param name="memoryBytes">Memory in bytes.</param>
    /// <param name="nanoCpus">CPUs in billionths.</param>
    public static double ShareOf(in NodeCapacity capacity, long memoryBytes, long nanoCpus) =>
        ((memoryBytes / (double)Math.Max(1, capacity.ReservableMemoryBytes)) + (nanoCpus / (double)Math.Max(1, capacity.ReservableNanoCpus))) * 50;
}
