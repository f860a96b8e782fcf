using System.Collections.Frozen;

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

    /// <summary>How sound the node has been lately: 100 = no trouble; every recent failure costs a part; at least 1.</summary>
    public int Health { get; init; } = 100;

    /// <summary>Containers the node takes at most (label <c>containerslots</c>), or null for no limit.</summary>
    public int? ContainerSlots { get; init; }

    /// <summary>Generic resources the node was declared to have, by name.</summary>
    public IReadOnlyDictionary<string, long> GenericResources { get; init; } = FrozenDictionary<string, long>.Empty;

    /// <summary>Images, networks and volumes on it.</summary>
    public NodeContents Contents { get; init; } = NodeContents.None;

    /// <summary>Version of the Engine API that its engine speaks; null when it is not known.</summary>
    public Version? ApiVersion { get; init; }
}
