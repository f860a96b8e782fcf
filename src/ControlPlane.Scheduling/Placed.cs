namespace ControlPlane.Scheduling;

/// <summary>A node was found.</summary>
public sealed record Placed : PlacementDecision
{
    /// <summary>The node.</summary>
    public NodeId Node => Winner.Node;

    /// <summary>How the strategy rated the node.</summary>
    public required NodeScore Winner { get; init; }

    /// <summary>The next few in rank, best first; empty when no other node fits.</summary>
    public required IReadOnlyList<NodeScore> Next { get; init; }

    /// <summary>Name of the strategy that ranked.</summary>
    public required string Strategy { get; init; }

    /// <summary>Why this node won, in a sentence.</summary>
    public required string Why { get; init; }
}
