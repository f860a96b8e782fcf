namespace ControlPlane.Scheduling;

/// <summary>What a node is, without what runs on it. Immutable: a change is a new record.</summary>
public sealed record NodeFacts
{
    /// <summary>Identity of the node.</summary>
    public required NodeId Id { get; init; }

    /// <summary>Name shown to people and matched by <c>node==…</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Health.</summary>
    public NodeState State { get; init; }

    /// <summary>What the administrator allows.</summary>
    public NodeAvailability Availability { get; init; }

    /// <summary>Labels and standard facts.</summary>
    public NodeLabels Labels { get; init; } = NodeLabels.None;

    /// <summary>Memory, CPUs and overcommit.</summary>
    public NodeCapacity Capacity { get; init; }
}
