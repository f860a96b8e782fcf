namespace ControlPlane.Scheduling;

/// <summary>No node fits, or the request cannot be judged at all.</summary>
public sealed record Unplaceable : PlacementDecision
{
    /// <summary>The refusal in a sentence, e.g. <c>0 of 12 nodes fit: 8 miss label disk=ssd, 3 lack memory, 1 is draining</c>.</summary>
    public required string Text { get; init; }
}
