namespace ControlPlane.Scheduling;

/// <summary>Outcome of a decision: <see cref="Placed"/> or <see cref="Unplaceable"/>.</summary>
public abstract record PlacementDecision
{
    private protected PlacementDecision()
    {
    }

    /// <summary>
    /// Nodes removed per filter, in filter order, among the <see cref="NodesExamined"/>. Complete for an
    /// <see cref="Unplaceable"/> and for small clusters; a large cluster is examined only until the winner and the next few are known.
    /// </summary>
    public required IReadOnlyList<FilterCount> Refused { get; init; }

    /// <summary>Nodes that were looked at.</summary>
    public required int NodesExamined { get; init; }

    /// <summary>Nodes of the cluster.</summary>
    public required int NodesTotal { get; init; }

    /// <summary>True when soft conditions were given up because no node met everything.</summary>
    public required bool SoftGivenUp { get; init; }
}
