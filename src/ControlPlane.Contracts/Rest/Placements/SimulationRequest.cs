using ControlPlane.Contracts.Rest.Containers;

namespace ControlPlane.Contracts.Rest.Placements;

/// <summary>The body of <c>POST /api/v1/placements/simulate</c>: what would go where, in a cluster changed like this. Nothing happens.</summary>
public sealed record SimulationRequest
{
    /// <summary>Containers to place, one after the other; at most 1,000 in all. May be left out when there are changes.</summary>
    public IReadOnlyList<SimulatedCreate>? Requests { get; init; }

    /// <summary>What is different in the simulated cluster.</summary>
    public SimulatedChanges? Changes { get; init; }

    /// <summary>
    /// Every node with every reason for each placement, for at most 20 of them; without it only a single placement is explained
    /// in full.
    /// </summary>
    public bool? Explain { get; init; }
}

/// <summary>One container, so many times.</summary>
public sealed record SimulatedCreate
{
    /// <summary>As for <c>POST /api/v1/containers</c>.</summary>
    public ContainerCreateRequest? Request { get; init; }

    /// <summary>How many of it, 1 to 1,000; 1 when left out. Copies of a named one are called <c>name-1</c>, <c>name-2</c> and so on.</summary>
    public int? Count { get; init; }
}

/// <summary>Differences between the simulated cluster and the real one.</summary>
public sealed record SimulatedChanges
{
    /// <summary>Nodes that are different.</summary>
    public IReadOnlyList<SimulatedNodeChange>? Nodes { get; init; }

    /// <summary>Nodes that are new; at most 1,000 in all.</summary>
    public IReadOnlyList<SimulatedNodeAddition>? AddNodes { get; init; }

    /// <summary>Nodes that are gone, by name or id.</summary>
    public IReadOnlyList<string>? RemoveNodes { get; init; }
}

/// <summary>A node that is different. What is on a drained or failed one is placed anew.</summary>
public sealed record SimulatedNodeChange
{
    /// <summary>Name or id.</summary>
    public string? Node { get; init; }

    /// <summary><c>active</c>, <c>pause</c> or <c>drain</c>; as it is when left out.</summary>
    public string? Availability { get; init; }

    /// <summary><c>ready</c> or <c>down</c>; as it is when left out.</summary>
    public string? State { get; init; }

    /// <summary>Server labels to set; null takes one away.</summary>
    public IReadOnlyDictionary<string, string?>? Labels { get; init; }
}

/// <summary>New nodes: like one that is there, or described.</summary>
public sealed record SimulatedNodeAddition
{
    /// <summary>Name or id of the node they are like: its size, labels and platform, nothing on it.</summary>
    public string? Like { get; init; }

    /// <summary>How many, 1 to 1,000; 1 when left out.</summary>
    public int? Count { get; init; }

    /// <summary>Name; several are called <c>name-1</c>, <c>name-2</c> and so on. Made when left out.</summary>
    public string? Name { get; init; }

    /// <summary>CPUs, 1 to 1,000,000; instead of <c>like</c>.</summary>
    public int? Cpus { get; init; }

    /// <summary>Memory in bytes, up to 1 PiB; instead of <c>like</c>.</summary>
    public long? MemoryBytes { get; init; }

    /// <summary>Labels, over those of <c>like</c>.</summary>
    public IReadOnlyDictionary<string, string>? Labels { get; init; }
}
