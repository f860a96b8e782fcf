namespace ControlPlane.Scheduling;

/// <summary>A decision with every reason for every node.</summary>
/// <param name="Decision">The same decision that <see cref="Placement.Decide"/> makes, with complete counts.</param>
/// <param name="Nodes">Nodes that fit, best first, then the refused ones by name.</param>
public sealed record PlacementExplanation(PlacementDecision Decision, IReadOnlyList<NodeExplanation> Nodes)
{
    /// <summary>Why the winner won, or why nothing fits.</summary>
    public string Text => Decision switch { Placed placed => placed.Why, Unplaceable refusal => refusal.Text, _ => "" };
}
