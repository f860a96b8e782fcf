using System.Collections.Frozen;

namespace ControlPlane.Contracts.Agents;

/// <summary>
/// What an engine holds. A full report may come in several parts (same <see cref="Sequence"/>, <see cref="Last"/> on the final one)
/// and replaces everything once its last part is there; a delta changes what is named.
/// </summary>
public sealed record InventoryReport
{
    /// <summary>Counts up within a session.</summary>
    public required long Sequence { get; init; }

    /// <summary>True for a full report.</summary>
    public required bool Full { get; init; }

    /// <summary>True for the last part (always true for a delta).</summary>
    public required bool Last { get; init; }

    /// <summary>Containers that are there or have changed.</summary>
    public IReadOnlyList<ContainerReport> Containers { get; init; } = [];

    /// <summary>Engine ids of containers that are gone (delta only).</summary>
    public IReadOnlyList<string> RemovedContainers { get; init; } = [];

    /// <summary>All images; null = unchanged.</summary>
    public IReadOnlyList<ImageReport>? Images { get; init; }

    /// <summary>All networks; null = unchanged.</summary>
    public IReadOnlyList<NetworkReport>? Networks { get; init; }

    /// <summary>All volumes; null = unchanged.</summary>
    public IReadOnlyList<VolumeReport>? Volumes { get; init; }

    /// <summary>Events of the engine that led here, for people; may be empty.</summary>
    public IReadOnlyList<EngineEvent> Events { get; init; } = [];

    /// <summary>Commands the agent still works on (full report only).</summary>
    public IReadOnlyList<string> CommandsInFlight { get; init; } = [];
}

/// <summary>One container as its engine holds it (Engine API <c>GET /containers/{id}/json</c>, reduced).</summary>
public sealed record ContainerReport
{
    /// <summary>The engine's 64-digit id.</summary>
    public required string EngineId { get; init; }

    /// <summary>Cluster id from label <c>controlplane.id</c>; null when made directly on the engine.</summary>
    public string? ClusterId { get; init; }

    /// <summary>Name without the leading slash.</summary>
    public required string Name { get; init; }

    /// <summary>Image as asked for.</summary>
    public required string Image { get; init; }

    /// <summary>Image id (<c>sha256:…</c>).</summary>
    public required string ImageId { get; init; }

    /// <summary>Command line in one text, as <c>docker ps</c> shows it.</summary>
    public required string Command { get; init; }

    /// <summary>When it was created, UTC.</summary>
    public required DateTime CreatedAt { get; init; }

    /// <summary><c>created running paused restarting removing exited dead</c>.</summary>
    public required string State { get; init; }

    /// <summary><c>starting healthy unhealthy</c>, or null without a health check.</summary>
    public string? Health { get; init; }

    /// <summary>Exit code of the last run.</summary>
    public int ExitCode { get; init; }

    /// <summary>True when the kernel killed it for memory.</summary>
    public bool OomKilled { get; init; }

    /// <summary>The engine's error text of the last start, or empty.</summary>
    public string Error { get; init; } = "";

    /// <summary>Start of the last run, UTC; null when never started.</summary>
    public DateTime? StartedAt { get; init; }

    /// <summary>End of the last run, UTC; null while running or never started.</summary>
    public DateTime? FinishedAt { get; init; }

    /// <summary>Restarts by the engine's restart policy.</summary>
    public int RestartCount { get; init; }

    /// <summary>Labels.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>Published and exposed ports: of the live network settings while running, else as configured.</summary>
    public IReadOnlyList<PortReport> Ports { get; init; } = [];

    /// <summary>Networks with the container's address in each (empty while stopped).</summary>
    public IReadOnlyDictionary<string, string> Networks { get; init; } = new Dictionary<string, string>();

    /// <summary>Mounts as <c>type:source:target[:ro]</c>.</summary>
    public IReadOnlyList<string> Mounts { get; init; } = [];

    /// <summary>Memory limit in bytes; 0 = none.</summary>
    public long MemoryBytes { get; init; }

    /// <summary>Memory reservation in bytes; 0 = none.</summary>
    public long MemoryReservationBytes { get; init; }

    /// <summary>CPU limit in billionths of a CPU; 0 = none.</summary>
    public long NanoCpus { get; init; }

    /// <summary>Has a terminal: its log is raw text without the engine's frames.</summary>
    public bool Tty { get; init; }

    /// <summary>Restart policy name.</summary>
    public string RestartPolicy { get; init; } = "no";

    /// <summary>Network mode as the engine lists it, e.g. <c>default</c>, <c>host</c>, <c>container:…</c>.</summary>
    public string NetworkMode { get; init; } = "";

    /// <summary>Its networks in the engine's form, by name; what <c>docker ps</c> and its filters need of them.</summary>
    public IReadOnlyDictionary<string, EndpointReport> Endpoints { get; init; } = FrozenDictionary<string, EndpointReport>.Empty;

    /// <summary>Its mounts in the engine's form.</summary>
    public IReadOnlyList<MountReport> MountPoints { get; init; } = [];
}

/// <summary>A container's place in a network (Engine API <c>EndpointSettings</c>).</summary>
/// <param name="NetworkId">Id of the network; empty while the container has never run in it.</param>
/// <param name="EndpointId">Id of the endpoint; empty while stopped.</param>
/// <param name="Gateway">Gateway; may be empty.</param>
/// <param name="IpAddress">Address; may be empty.</param>
/// <param name="PrefixLength">Length of the subnet's prefix; 0 = none.</param>
/// <param name="MacAddress">Hardware address; may be empty.</param>
/// <param name="Aliases">Names in the network.</param>
public sealed record EndpointReport(
    string NetworkId, string EndpointId, string Gateway, string IpAddress, int PrefixLength, string MacAddress, IReadOnlyList<string> Aliases);

/// <summary>A mount of a container (Engine API <c>MountPoint</c>).</summary>
/// <param name="Type"><c>bind</c>, <c>volume</c>, <c>tmpfs</c>, <c>npipe</c>, <c>cluster</c> or <c>image</c>.</param>
/// <param name="Name">Name of the volume; may be empty.</param>
/// <param name="Source">Path on the node; may be empty.</param>
/// <param name="Destination">Path in the container.</param>
/// <param name="Driver">Driver of the volume; may be empty.</param>
/// <param name="Mode">Options as text; may be empty.</param>
/// <param name="Writable">May be written to.</param>
/// <param name="Propagation">Propagation of a bind mount; may be empty.</param>
public sealed record MountReport(
    string Type, string Name, string Source, string Destination, string Driver, string Mode, bool Writable, string Propagation);

/// <summary>One port of a container.</summary>
/// <param name="ContainerPort">1 to 65535.</param>
/// <param name="Protocol"><c>tcp</c>, <c>udp</c> or <c>sctp</c>.</param>
/// <param name="HostIp">Address on the node; empty = all.</param>
/// <param name="HostPort">0 when not published, or published on a port the engine has not chosen yet.</param>
public sealed record PortReport(int ContainerPort, string Protocol, string HostIp, int HostPort);

/// <summary>One image of an engine.</summary>
/// <param name="Id">Image id.</param>
/// <param name="Tags">Repository tags.</param>
/// <param name="Digests">Repository digests.</param>
/// <param name="SizeBytes">Size in bytes.</param>
/// <param name="CreatedAt">When it was made, UTC.</param>
public sealed record ImageReport(string Id, IReadOnlyList<string> Tags, IReadOnlyList<string> Digests, long SizeBytes, DateTime CreatedAt)
{
    /// <summary>Labels.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = FrozenDictionary<string, string>.Empty;

    /// <summary>Id of the image it was built from on this engine; may be empty.</summary>
    public string ParentId { get; init; } = "";

    /// <summary>Operating system it was built for, e.g. <c>linux</c>; null when the agent does not know it (yet).</summary>
    public string? Os { get; init; }

    /// <summary>Architecture it was built for, e.g. <c>amd64</c>; null when the agent does not know it (yet).</summary>
    public string? Architecture { get; init; }
}

/// <summary>One network of an engine.</summary>
/// <param name="Id">Network id.</param>
/// <param name="Name">Name.</param>
/// <param name="Driver">Driver.</param>
/// <param name="Scope"><c>local</c>, <c>swarm</c> or <c>global</c>.</param>
/// <param name="Internal">No way out.</param>
/// <param name="Subnets">Subnets in CIDR form.</param>
/// <param name="Labels">Labels.</param>
/// <param name="CreatedAt">When it was made, UTC.</param>
public sealed record NetworkReport(
    string Id, string Name, string Driver, string Scope, bool Internal, IReadOnlyList<string> Subnets, IReadOnlyDictionary<string, string> Labels, DateTime CreatedAt)
{
    /// <summary>The engine's document of it as listed, without containers; null from older agents.</summary>
    public string? Json { get; init; }
}

/// <summary>One volume of an engine.</summary>
/// <param name="Name">Name.</param>
/// <param name="Driver">Driver.</param>
/// <param name="Mountpoint">Path on the node.</param>
/// <param name="Labels">Labels.</param>
/// <param name="CreatedAt">When it was made, UTC.</param>
public sealed record VolumeReport(string Name, string Driver, string Mountpoint, IReadOnlyDictionary<string, string> Labels, DateTime CreatedAt)
{
    /// <summary>The engine's document of it as listed; null from older agents.</summary>
    public string? Json { get; init; }
}

/// <summary>An event of an engine, for people.</summary>
/// <param name="At">When, UTC.</param>
/// <param name="Type"><c>container image network volume daemon</c>.</param>
/// <param name="Action">The engine's action, e.g. <c>start</c>, <c>die</c>, <c>oom</c>.</param>
/// <param name="ObjectId">Id of what it happened to.</param>
/// <param name="Name">Its name, or empty.</param>
/// <param name="Detail">E.g. exit code; may be empty.</param>
public sealed record EngineEvent(DateTime At, string Type, string Action, string ObjectId, string Name, string Detail)
{
    /// <summary>The engine's attributes of the object, as many as fit in 8 KiB.</summary>
    public IReadOnlyDictionary<string, string> Attributes { get; init; } = FrozenDictionary<string, string>.Empty;

    /// <summary><c>local</c> or <c>swarm</c>.</summary>
    public string Scope { get; init; } = "local";

    /// <summary>Of interest to those who follow the engine's events only (exec, attach, copy): not to be kept for people.</summary>
    public bool Quiet { get; init; }
}

/// <summary>Usage of watched containers.</summary>
/// <param name="At">When it was read, UTC.</param>
/// <param name="Containers">A sample each.</param>
public sealed record UsageReport(DateTime At, IReadOnlyList<ContainerUsage> Containers);

/// <summary>One usage sample.</summary>
/// <param name="EngineId">Engine id of the container.</param>
/// <param name="CpuPercent">0 to 100 × CPUs.</param>
/// <param name="MemoryBytes">Memory in use without page cache.</param>
/// <param name="MemoryLimitBytes">Limit, or the host's memory.</param>
/// <param name="NetworkReceivedBytes">Since start.</param>
/// <param name="NetworkSentBytes">Since start.</param>
/// <param name="BlockReadBytes">Since start.</param>
/// <param name="BlockWrittenBytes">Since start.</param>
public sealed record ContainerUsage(
    string EngineId, double CpuPercent, long MemoryBytes, long MemoryLimitBytes,
    long NetworkReceivedBytes, long NetworkSentBytes, long BlockReadBytes, long BlockWrittenBytes);
