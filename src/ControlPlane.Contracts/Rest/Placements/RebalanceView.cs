namespace ControlPlane.Contracts.Rest.Placements;

/// <summary>What would even out the cluster. Nothing moves by itself.</summary>
public sealed record RebalanceView
{
    /// <summary>How evenly the load lies now.</summary>
    public required BalanceView Before { get; init; }

    /// <summary>How evenly it would lie after all moves.</summary>
    public required BalanceView After { get; init; }

    /// <summary>Moves in the order in which they help most; empty when the cluster is even enough.</summary>
    public required IReadOnlyList<RebalanceMoveView> Moves { get; init; }

    /// <summary>What cannot be moved off the nodes that were to give something, by reason.</summary>
    public required IReadOnlyList<StayingView> NotMovable { get; init; }

    /// <summary>Nodes before and after all moves, by name; only those that can take containers.</summary>
    public required IReadOnlyList<SimulatedNodeView> Nodes { get; init; }

    /// <summary>True when the search was cut short: there may be further moves.</summary>
    public required bool IsPartial { get; init; }

    /// <summary>The cluster it was done on is as of this moment, UTC.</summary>
    public required DateTime At { get; init; }
}

/// <summary>How evenly the load lies over the nodes that can take containers.</summary>
/// <param name="FewestContainers">Containers on the node with the fewest.</param>
/// <param name="MostContainers">Containers on the node with the most.</param>
/// <param name="LowestShare">Lowest mean of reserved memory and CPUs, in percent, one decimal.</param>
/// <param name="HighestShare">Highest of these, in percent, one decimal.</param>
public sealed record BalanceView(int FewestContainers, int MostContainers, double LowestShare, double HighestShare);

/// <summary>One move.</summary>
/// <param name="Id">Cluster id of the container.</param>
/// <param name="Name">Its name.</param>
/// <param name="From">Name of the node it is on.</param>
/// <param name="To">Name of the node where it would be placed.</param>
/// <param name="Before">The balance before this move.</param>
/// <param name="After">The balance after it.</param>
/// <param name="Restarts">True when it runs: it is made anew on the other node.</param>
/// <param name="AnonymousVolumes">Volumes without a name whose contents would be lost.</param>
public sealed record RebalanceMoveView(
    string Id, string Name, string From, string To, BalanceView Before, BalanceView After, bool Restarts, int AnonymousVolumes);
