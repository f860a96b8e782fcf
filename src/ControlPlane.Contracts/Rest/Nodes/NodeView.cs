namespace ControlPlane.Contracts.Rest.Nodes;

/// <summary>A node as REST and the dashboard show it. Every observed value says when it was observed.</summary>
public sealed record NodeView
{
    /// <summary>Durable id.</summary>
    public required string Id { get; init; }

    /// <summary>Unique name.</summary>
    public required string Name { get; init; }

    /// <summary><c>pending ready unknown engineDown down</c>.</summary>
    public required string State { get; init; }

    /// <summary>Since when, UTC.</summary>
    public required DateTime StateSince { get; init; }

    /// <summary>Why; empty when ready.</summary>
    public required string StateReason { get; init; }

    /// <summary><c>active pause drain</c>.</summary>
    public required string Availability { get; init; }

    /// <summary>Where its published ports are reachable: an IP address or a DNS name; empty when that is not known.</summary>
    public string Address { get; init; } = "";

    /// <summary>The collection it belongs to.</summary>
    public required string Collection { get; init; }

    /// <summary>All labels; the server's win over the engine's.</summary>
    public required IReadOnlyDictionary<string, string> Labels { get; init; }

    /// <summary>Labels given on the server.</summary>
    public required IReadOnlyDictionary<string, string> ServerLabels { get; init; }

    /// <summary>Labels of the engine.</summary>
    public required IReadOnlyDictionary<string, string> EngineLabels { get; init; }

    /// <summary>Version of the engine; empty before the agent has described it.</summary>
    public required string EngineVersion { get; init; }

    /// <summary>The last sign of life in this server's life, UTC; null before the first.</summary>
    public DateTime? LastSeen { get; init; }

    /// <summary>When the node joined, UTC.</summary>
    public required DateTime JoinedAt { get; init; }

    /// <summary>Does the agent have a session now?</summary>
    public required bool Connected { get; init; }

    /// <summary>Is the inventory of this session in?</summary>
    public required bool Synced { get; init; }

    /// <summary>When the whole inventory came last, UTC.</summary>
    public DateTime? SyncedAt { get; init; }

    /// <summary>Version of the agent.</summary>
    public string? AgentVersion { get; init; }

    /// <summary>Host clock minus server clock, in milliseconds.</summary>
    public long? ClockSkewMilliseconds { get; init; }

    /// <summary>Two agents used this identity at nearly the same time.</summary>
    public required bool DuplicateIdentity { get; init; }

    /// <summary>Names of other nodes that report the same engine.</summary>
    public required IReadOnlyList<string> SameEngineAs { get; init; }

    /// <summary>Containers on it.</summary>
    public required int Containers { get; init; }

    /// <summary>Running ones.</summary>
    public required int Running { get; init; }

    /// <summary>Images on it.</summary>
    public required int Images { get; init; }

    /// <summary>Networks on it.</summary>
    public required int Networks { get; init; }

    /// <summary>Volumes on it.</summary>
    public required int Volumes { get; init; }

    /// <summary>Memory that its containers reserve, in bytes.</summary>
    public long ReservedMemoryBytes { get; init; }

    /// <summary>CPUs that its containers reserve, in billionths of a CPU.</summary>
    public long ReservedNanoCpus { get; init; }

    /// <summary>Generic resources by name.</summary>
    public IReadOnlyDictionary<string, GenericResourceView> GenericResources { get; init; } = new Dictionary<string, GenericResourceView>();

    /// <summary>How sound it has been in the last minutes: 100 = no trouble, at least 1. The scheduler prefers sound nodes.</summary>
    public int Health { get; init; } = 100;

    /// <summary>The host; null before the agent has described it.</summary>
    public NodeHostView? Host { get; init; }

    /// <summary>The last usage; null before the first heartbeat.</summary>
    public NodeUsageView? Usage { get; init; }

    /// <summary>What the host owner's policy forbids, in words.</summary>
    public required IReadOnlyList<string> Policy { get; init; }

    /// <summary>Version of what people decide about it (name, labels, availability, generic resources): the ETag.</summary>
    public required long Revision { get; init; }
}

/// <summary>A generic resource of a node.</summary>
/// <param name="Total">Declared.</param>
/// <param name="Reserved">Reserved by its containers.</param>
public sealed record GenericResourceView(long Total, long Reserved);

/// <summary>What an engine says about its host.</summary>
public sealed record NodeHostView(
    string EngineId, string HostName, string ApiVersion, string MinApiVersion, string OperatingSystem, string OsType, string Architecture,
    string KernelVersion, string StorageDriver, int Cpus, long MemoryBytes);

/// <summary>Usage of a host at one moment.</summary>
/// <param name="At">When it was received, UTC.</param>
/// <param name="CpuPercent">0 to 100 × CPUs.</param>
/// <param name="MemoryUsedBytes">In use.</param>
/// <param name="MemoryTotalBytes">In all.</param>
/// <param name="DiskUsedBytes">In use where the engine keeps its data; 0 when unknown.</param>
/// <param name="DiskTotalBytes">In all; 0 when unknown.</param>
public sealed record NodeUsageView(
    DateTime At, double CpuPercent, long MemoryUsedBytes, long MemoryTotalBytes, long DiskUsedBytes, long DiskTotalBytes);

/// <summary>Changes to a node; what is absent stays.</summary>
public sealed record NodePatch
{
    /// <summary>New name.</summary>
    public string? Name { get; init; }

    /// <summary><c>active pause drain</c>.</summary>
    public string? Availability { get; init; }

    /// <summary>The collection it belongs to from now on: who may see it and run containers on it.</summary>
    public string? Collection { get; init; }

    /// <summary>Server labels: a value sets, null removes.</summary>
    public IReadOnlyDictionary<string, string?>? Labels { get; init; }

    /// <summary>Generic resources it has, e.g. <c>{"gpu": 2}</c>: a count of 1 to 1000000 sets, null removes.</summary>
    public IReadOnlyDictionary<string, long?>? GenericResources { get; init; }
}

/// <summary>A node, by id and name.</summary>
public sealed record NodeReference(string Id, string Name);

/// <summary>An image and the nodes that hold it.</summary>
public sealed record ImageView(
    string Id, IReadOnlyList<string> Tags, IReadOnlyList<string> Digests, long SizeBytes, DateTime CreatedAt, IReadOnlyList<NodeReference> Nodes);

/// <summary>A network of an engine; engines give each its own id.</summary>
public sealed record NetworkView(
    string Id, string Name, string Driver, string Scope, bool Internal, IReadOnlyList<string> Subnets, IReadOnlyDictionary<string, string> Labels,
    DateTime CreatedAt, IReadOnlyList<NodeReference> Nodes)
{
    /// <summary>Where it belongs: its own collection when it was made through the control plane, else its node's.</summary>
    public string Collection { get; init; } = "";

    /// <summary>Name of who made it through the control plane; null = made directly on the engine.</summary>
    public string? Owner { get; init; }
}

/// <summary>Volumes of one name; each node's is its own.</summary>
public sealed record VolumeView(
    string Name, string Driver, IReadOnlyDictionary<string, string> Labels, DateTime CreatedAt, IReadOnlyList<NodeReference> Nodes)
{
    /// <summary>Where they belong: each to its own collection when it was made through the control plane, else to its node's.</summary>
    public IReadOnlyList<string> Collections { get; init; } = [];

    /// <summary>Name of who made them through the control plane; null = not all by the same, or directly on the engine.</summary>
    public string? Owner { get; init; }
}

/// <summary>A new join token.</summary>
public sealed record JoinTokenRequest
{
    /// <summary>A name for people.</summary>
    public string? Name { get; init; }

    /// <summary>60 to 2592000 (30 days); an hour when absent.</summary>
    public int? ExpiresInSeconds { get; init; }

    /// <summary>1 to 1000; one when absent.</summary>
    public int? Uses { get; init; }

    /// <summary>The collection that the nodes join; <c>/Shared</c> when absent.</summary>
    public string? Collection { get; init; }

    /// <summary>Labels for the nodes that join with it.</summary>
    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    /// <summary>Nodes wait for a person's approval.</summary>
    public bool? RequireApproval { get; init; }
}

/// <summary>A join token just made: the only answer with its text.</summary>
public sealed record JoinTokenCreated(string Id, string Token, DateTime ExpiresAt, int Uses);
