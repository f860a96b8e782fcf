using ControlPlane.Contracts.Rest.Containers;

namespace ControlPlane.Contracts.Rest.Placements;

/// <summary>What would go where.</summary>
public sealed record SimulationView
{
    /// <summary>Sums.</summary>
    public required SimulationTotals Totals { get; init; }

    /// <summary>One for each container asked for, in the order in which they were placed.</summary>
    public required IReadOnlyList<SimulatedPlacementView> Placements { get; init; }

    /// <summary>Containers of nodes that are drained, down or gone in the changes: where each would go.</summary>
    public required IReadOnlyList<SimulatedMoveView> Moves { get; init; }

    /// <summary>What stays on such nodes because nobody here placed it, or may not be seen.</summary>
    public required IReadOnlyList<StayingView> Staying { get; init; }

    /// <summary>Refusals of placements and moves by their sentence, the most frequent first.</summary>
    public required IReadOnlyList<RefusalGroup> Refusals { get; init; }

    /// <summary>Nodes before and after, by name.</summary>
    public required IReadOnlyList<SimulatedNodeView> Nodes { get; init; }

    /// <summary>The cluster it was done on is as of this moment, UTC.</summary>
    public required DateTime At { get; init; }
}

/// <summary>Sums of a simulation.</summary>
/// <param name="Placed">Containers asked for that have a node.</param>
/// <param name="Refused">Containers asked for that have none.</param>
/// <param name="Moved">Containers of drained, failed or removed nodes that have another node.</param>
/// <param name="NotMoved">Those that have none.</param>
/// <param name="Staying">Those that are not moved by anybody.</param>
public sealed record SimulationTotals(int Placed, int Refused, int Moved, int NotMoved, int Staying);

/// <summary>One placement.</summary>
/// <param name="Request">Index in <c>requests</c>.</param>
/// <param name="Copy">Which copy, from 1.</param>
/// <param name="Name">The name asked for; null when it would be made.</param>
/// <param name="Placement">Its node, or why there is none.</param>
public sealed record SimulatedPlacementView(int Request, int Copy, string? Name, PlacementView Placement);

/// <summary>A container of a drained, failed or removed node.</summary>
/// <param name="Id">Cluster id.</param>
/// <param name="Name">Name.</param>
/// <param name="From">Name of the node it is on.</param>
/// <param name="Reschedule"><c>off</c> or <c>on-node-failure</c>: only the latter is moved by itself, and only when its node has failed.</param>
/// <param name="Placement">Where it would go, or why nowhere.</param>
public sealed record SimulatedMoveView(string Id, string Name, string From, string Reschedule, PlacementView Placement);

/// <summary>What is not moved off a node.</summary>
/// <param name="Node">Name of the node.</param>
/// <param name="Reason">Why.</param>
/// <param name="Count">How many.</param>
/// <param name="Names">Names of the first 20 that the caller may see.</param>
public sealed record StayingView(string Node, string Reason, int Count, IReadOnlyList<string> Names);

/// <summary>Refusals with the same sentence.</summary>
/// <param name="Summary">The sentence.</param>
/// <param name="Count">How many placements and moves.</param>
/// <param name="Requests">Indexes in <c>requests</c>.</param>
/// <param name="Moves">Names of containers that could not be moved, the first 20.</param>
public sealed record RefusalGroup(string Summary, int Count, IReadOnlyList<int> Requests, IReadOnlyList<string> Moves);

/// <summary>A node before and after.</summary>
/// <param name="Node">Name.</param>
/// <param name="Change"><c>added</c>, <c>removed</c>, <c>changed</c>, or empty.</param>
/// <param name="State">State in the simulated cluster.</param>
/// <param name="Availability">Availability in the simulated cluster.</param>
/// <param name="Before">Load before; null for an added node.</param>
/// <param name="After">Load after; null for a removed one.</param>
public sealed record SimulatedNodeView(string Node, string Change, string State, string Availability, NodeLoadView? Before, NodeLoadView? After);

/// <summary>What is reserved on a node.</summary>
/// <param name="Containers">Containers in any state.</param>
/// <param name="MemoryReservedBytes">Reserved memory in bytes.</param>
/// <param name="MemoryBytes">The node's memory in bytes; 0 when it is not known.</param>
/// <param name="MemoryPercent">Reserved memory in percent of the node's, one decimal; 0 when that is not known.</param>
/// <param name="NanoCpusReserved">Reserved CPUs in billionths.</param>
/// <param name="NanoCpus">The node's CPUs in billionths; 0 when not known.</param>
/// <param name="CpuPercent">Reserved CPUs in percent of the node's, one decimal; 0 when that is not known.</param>
public sealed record NodeLoadView(
    int Containers, long MemoryReservedBytes, long MemoryBytes, double MemoryPercent, long NanoCpusReserved, long NanoCpus, double CpuPercent);
