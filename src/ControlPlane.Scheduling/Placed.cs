namespace ControlPlane.Scheduling;

/// <summary>A node was found.</summary>
public sealed record Placed : PlacementDecision
{
    /// <summary>The node.</summary>
    public NodeId Node => Winner.Node;

    /// <summary>How the strategy rated the node.</summary>
    public required NodeScore Winner { get; init; }

    /// <summary>The next few in rank, best first; empty when no other node fits.</summary>
    public IReadOnlyList<NodeScore> Next => field ??= Shortlist.Count <= 1 ? [] : [.. Shortlist.AsSpan(1)];

    /// <summary>Name of the strategy that ranked.</summary>
    public required string Strategy { get; init; }

    /// <summary>Why this node won, in a sentence; put into words when first asked for.</summary>
    public string Why => field ??= Ranking.Explain(Winner, Next.Count == 0 ? null : Next[0]);

    /// <summary>The winner and the next few; copied only when somebody looks.</summary>
    internal ArraySegment<NodeScore> Shortlist { private get; init; }

    /// <summary>What knows the words.</summary>
    internal Ranking Ranking { private get; init; } = null!;
}
