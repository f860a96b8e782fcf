using System.Collections.Immutable;
using ControlPlane.Contracts.Agents;

namespace ControlPlane.Core.State;

/// <summary>The one projection of a node's state; everybody reads it, only the node monitor decides it.</summary>
public enum NodeState
{
    /// <summary>Joined, waits for a person's approval.</summary>
    Pending,

    /// <summary>Session up, lease fresh, engine answers.</summary>
    Ready,

    /// <summary>Lease missed or session lost; containers may still run.</summary>
    Unknown,

    /// <summary>The agent is alive, the engine does not answer.</summary>
    EngineDown,

    /// <summary>The grace is over.</summary>
    Down,
}

/// <summary>What an administrator allows a node to take.</summary>
public enum NodeAvailability
{
    Active,

    /// <summary>Takes nothing new; what runs stays.</summary>
    Pause,

    /// <summary>Takes nothing new and is to be emptied.</summary>
    Drain,
}

/// <summary>A node at one moment. Immutable.</summary>
public sealed record NodeRecord
{
    public required string Id { get; init; }
    public required string Name { get; init; }

    /// <summary>Who may see it and run containers on it is granted on this.</summary>
    public string Collection { get; init; } = Access.Collections.Shared;
    public required NodeState State { get; init; }

    /// <summary>Since when <see cref="State"/> holds, UTC.</summary>
    public required DateTime StateSince { get; init; }

    /// <summary>Why it is in this state, for people; empty when Ready.</summary>
    public string StateReason { get; init; } = "";
    public required NodeAvailability Availability { get; init; }

    /// <summary>Labels given on the server; they win over the engine's.</summary>
    public ImmutableSortedDictionary<string, string> ServerLabels { get; init; } = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);

    /// <summary>Server labels over engine labels.</summary>
    public ImmutableSortedDictionary<string, string> Labels { get; init; } = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);

    /// <summary>As the engine described itself last; null before the first time.</summary>
    public NodeDescription? Description { get; init; }

    /// <summary>Where its published ports are reachable: an IP literal or a DNS name; empty when that is not known.</summary>
    public string Address => Description?.Address ?? "";

    /// <summary><see cref="Address"/> when it is an IP literal; else empty.</summary>
    public string Ip => NodeAddress.IsIp(Address) ? Address : "";

    /// <summary><see cref="Address"/>; the host's own name, then the node's, when there is none.</summary>
    public string AddressOrName => Address is { Length: > 0 } address ? address : Description?.HostName is { Length: > 0 } host ? host : Name;

    public string? AgentVersion { get; init; }
    public required DateTime JoinedAt { get; init; }

    /// <summary>Host clock minus server clock at the last hello; null before.</summary>
    public TimeSpan? ClockSkew { get; init; }

    /// <summary>Two agents used this identity at nearly the same time.</summary>
    public bool DuplicateIdentity { get; init; }

    /// <summary>True once the full inventory of the current session is in; false = the inventory is what was known before.</summary>
    public bool Synced { get; init; }

    /// <summary>When the inventory was last known to be exact, UTC.</summary>
    public DateTime? SyncedAt { get; init; }
    public int Containers { get; init; }
    public int Running { get; init; }
    public ImmutableArray<ImageReport> Images { get; init; } = [];
    public ImmutableArray<NetworkReport> Networks { get; init; } = [];
    public ImmutableArray<VolumeReport> Volumes { get; init; } = [];

    /// <summary>What placement asks of the three above; <see cref="ContentFacts"/> keeps them in step.</summary>
    public Scheduling.NodeContents Contents { get; init; } = Scheduling.NodeContents.None;

    /// <summary>Names and ids of networks that reach over nodes.</summary>
    public IReadOnlySet<string> SharedNetworks { get; init; } = System.Collections.Frozen.FrozenSet<string>.Empty;

    /// <summary>Generic resources that people declared it to have.</summary>
    public ImmutableSortedDictionary<string, long> GenericResources { get; init; } = ImmutableSortedDictionary.Create<string, long>(StringComparer.Ordinal);

    /// <summary>What its containers take of it.</summary>
    public NodeReserved Reserved { get; init; } = NodeReserved.Nothing;

    /// <summary>How sound it has been lately: 100 = no trouble, at least 1.</summary>
    public int Health { get; init; } = 100;

    /// <summary>Version of the intent (labels, availability, generic resources): the ETag.</summary>
    public required long Revision { get; init; }

    /// <summary>Hot numbers beside the snapshot.</summary>
    public required NodePulse Pulse { get; init; }
}

/// <summary>What containers take of a node, those in flight not yet counted.</summary>
public sealed record NodeReserved(long MemoryBytes, long NanoCpus, ImmutableSortedDictionary<string, long> Generic)
{
    public static readonly NodeReserved Nothing = new(0, 0, ImmutableSortedDictionary.Create<string, long>(StringComparer.Ordinal));
}

/// <summary>The last sign of life of a node. One cell for the whole life of a node; replaced as a whole, read without locks.</summary>
public sealed class NodePulse
{
    private volatile NodeUsage? _last;

    public NodeUsage? Last => _last;

    public void Set(NodeUsage usage) => _last = usage;
}

/// <summary>A node's numbers at one moment.</summary>
/// <param name="At">When the server received them, UTC.</param>
public sealed record NodeUsage(
    DateTime At, double CpuPercent, long MemoryUsedBytes, long MemoryTotalBytes, long DiskUsedBytes, long DiskTotalBytes);
