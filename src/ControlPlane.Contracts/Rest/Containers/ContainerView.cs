using ControlPlane.Contracts.Agents;

namespace ControlPlane.Contracts.Rest.Containers;

/// <summary>A container as REST shows it.</summary>
public sealed record ContainerView
{
    /// <summary>Cluster id (64 hex digits); the engine's id for a container made directly on an engine.</summary>
    public required string Id { get; init; }

    /// <summary>Name, unique in the cluster for managed containers.</summary>
    public required string Name { get; init; }

    /// <summary>Image as asked for.</summary>
    public required string Image { get; init; }

    /// <summary>Name of the node.</summary>
    public required string Node { get; init; }

    /// <summary>Id of the node.</summary>
    public required string NodeId { get; init; }

    /// <summary>Where published ports of the node are reachable: an IP address or a DNS name; empty when that is not known.</summary>
    public string NodeAddress { get; init; } = "";

    /// <summary>State of the node: anything but <c>Ready</c> means that <see cref="State"/> is the last known one.</summary>
    public required string NodeState { get; init; }

    /// <summary><c>creating created running paused restarting exited dead removing</c>.</summary>
    public required string State { get; init; }

    /// <summary><c>starting healthy unhealthy</c>, or null.</summary>
    public string? Health { get; init; }

    /// <summary>Exit code of the last run; null while running or never run.</summary>
    public int? ExitCode { get; init; }

    /// <summary>True when the kernel killed it for memory.</summary>
    public bool OomKilled { get; init; }

    /// <summary>The engine's text when the last start failed; empty otherwise.</summary>
    public string Error { get; init; } = "";

    /// <summary>Restarts by the restart policy.</summary>
    public int RestartCount { get; init; }

    /// <summary>Labels.</summary>
    public required IReadOnlyDictionary<string, string> Labels { get; init; }

    /// <summary>When it was asked for (managed) or made, UTC.</summary>
    public required DateTime CreatedAt { get; init; }

    /// <summary>Start of the last run, UTC.</summary>
    public DateTime? StartedAt { get; init; }

    /// <summary>End of the last run, UTC.</summary>
    public DateTime? FinishedAt { get; init; }

    /// <summary>Ports.</summary>
    public IReadOnlyList<PortReport> Ports { get; init; } = [];

    /// <summary>Networks with the address in each.</summary>
    public IReadOnlyDictionary<string, string> Networks { get; init; } = new Dictionary<string, string>();

    /// <summary>Mounts as <c>type:source:target[:ro]</c>.</summary>
    public IReadOnlyList<string> Mounts { get; init; } = [];

    /// <summary>Command line in one text.</summary>
    public string Command { get; init; } = "";

    /// <summary>Limits and reservations.</summary>
    public required ContainerResourcesView Resources { get; init; }

    /// <summary>Restart policy.</summary>
    public string RestartPolicy { get; init; } = "no";

    /// <summary><c>off</c> or <c>on-node-failure</c>.</summary>
    public string ReschedulePolicy { get; init; } = "off";

    /// <summary>The engine's id; null until created.</summary>
    public string? EngineId { get; init; }

    /// <summary>False for a container made directly on an engine.</summary>
    public required bool Managed { get; init; }

    /// <summary>Who asked for it; empty when unmanaged.</summary>
    public string Owner { get; init; } = "";

    /// <summary>Collection.</summary>
    public required string Collection { get; init; }

    /// <summary>Why it waits, was moved or could not be moved, for people; empty mostly.</summary>
    public string Note { get; init; } = "";

    /// <summary>When the node last said anything about it, UTC.</summary>
    public DateTime? ObservedAt { get; init; }

    /// <summary>Version of the intent: the ETag.</summary>
    public long Revision { get; init; }

    /// <summary>Last usage sample while somebody watches; else null.</summary>
    public ContainerUsageView? Usage { get; init; }

    /// <summary>Where it was placed and why; only in answers about a single container.</summary>
    public PlacementView? Placement { get; init; }
}

/// <summary>Limits and reservations; 0 = none.</summary>
/// <param name="MemoryBytes">Memory limit in bytes.</param>
/// <param name="MemoryReservationBytes">Memory reservation in bytes.</param>
/// <param name="NanoCpus">CPU limit in billionths of a CPU.</param>
public sealed record ContainerResourcesView(long MemoryBytes, long MemoryReservationBytes, long NanoCpus);

/// <summary>A usage sample.</summary>
/// <param name="At">When, UTC.</param>
/// <param name="CpuPercent">0 to 100 × CPUs.</param>
/// <param name="MemoryBytes">In use.</param>
/// <param name="MemoryLimitBytes">Limit, or the host's memory.</param>
public sealed record ContainerUsageView(DateTime At, double CpuPercent, long MemoryBytes, long MemoryLimitBytes);

/// <summary>Why a container is where it is, or why it fits nowhere.</summary>
public sealed record PlacementView
{
    /// <summary>Name of the chosen node; null when none fits.</summary>
    public string? Node { get; init; }

    /// <summary>Strategy.</summary>
    public required string Strategy { get; init; }

    /// <summary>One sentence.</summary>
    public required string Summary { get; init; }

    /// <summary>How many nodes each filter removed.</summary>
    public IReadOnlyDictionary<string, int> RemovedByFilter { get; init; } = new Dictionary<string, int>();

    /// <summary>The winner and the next few (as kept), or every node (as explained on demand).</summary>
    public IReadOnlyList<PlacementNodeView> Nodes { get; init; } = [];

    /// <summary>Nodes of the cluster at that moment.</summary>
    public int NodesTotal { get; init; }

    /// <summary>True when soft conditions were given up because no node met everything.</summary>
    public bool SoftGivenUp { get; init; }

    /// <summary>What was tried before: nodes that refused the create, and nodes it was moved from, oldest first.</summary>
    public IReadOnlyList<PlacementAttemptView> History { get; init; } = [];

    /// <summary>When it was decided or explained, UTC.</summary>
    public required DateTime At { get; init; }
}

/// <summary>A node that a container was on, or was tried on, before.</summary>
/// <param name="Node">Name.</param>
/// <param name="Reason">Why it is not there, for people.</param>
/// <param name="At">When it was given up there, UTC.</param>
public sealed record PlacementAttemptView(string Node, string Reason, DateTime At);

/// <summary>One node in an explanation.</summary>
/// <param name="Node">Name.</param>
/// <param name="Result"><c>chosen</c>, <c>candidate</c> or <c>filtered</c>.</param>
/// <param name="Rank">1 = best; null when filtered.</param>
/// <param name="Scores">Parts of the score by name.</param>
/// <param name="Reasons">Every failing filter in words.</param>
public sealed record PlacementNodeView(
    string Node, string Result, int? Rank, IReadOnlyDictionary<string, double> Scores, IReadOnlyList<string> Reasons);
