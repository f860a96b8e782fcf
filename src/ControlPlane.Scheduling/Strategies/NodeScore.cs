namespace ControlPlane.Scheduling;

/// <summary>How a strategy rates a node for one request.</summary>
/// <param name="Node">Identity of the node.</param>
/// <param name="Name">Name of the node at the time.</param>
/// <param name="Weight">The rating itself; which direction is better is the strategy's.</param>
/// <param name="MemoryPercent">Memory reserved with this request, in whole percent of what may be reserved; null when none is asked for.</param>
/// <param name="CpuPercent">CPUs reserved with this request, in whole percent of what may be reserved; null when none are asked for.</param>
/// <param name="Containers">Containers in any state before this one, reservations included.</param>
public readonly record struct NodeScore(
    NodeId Node, string Name, int Weight, int? MemoryPercent, int? CpuPercent, int Containers)
{
    /// <summary>How sound the node has been lately, 1 to 100.</summary>
    public int Health { get; init; }

    /// <summary>Replicas of the same service on nodes of the same group; null when no preference was given.</summary>
    public int? PeersInGroup { get; init; }

    /// <summary>Replicas of the same service on this node; null when no preference was given.</summary>
    public int? PeersOnNode { get; init; }
}
