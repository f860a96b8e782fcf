using System.Text.Json.Serialization;
using ControlPlane.Engine.Json;

namespace ControlPlane.Engine.Containers;

/// <summary>What a container needs of its host (API: HostConfig).</summary>
public sealed record HostConfig : ResourceSettings
{
    /// <summary>Volumes and host paths, <c>source:target[:options]</c>.</summary>
    public IReadOnlyList<string>? Binds { get; init; }

    /// <summary>Where the CLI wrote the id; the engine only keeps it.</summary>
    public string? ContainerIDFile { get; init; }

    /// <summary>Log driver and its options.</summary>
    public LogConfig? LogConfig { get; init; }

    /// <summary><c>bridge</c>, <c>host</c>, <c>none</c>, <c>default</c>, <c>container:id</c> or a network.</summary>
    public string? NetworkMode { get; init; }

    /// <summary>Published ports, keyed <c>80/tcp</c>.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<PortBinding>?>? PortBindings { get; init; }

    /// <summary>When the engine starts the container again.</summary>
    public RestartPolicy? RestartPolicy { get; init; }

    /// <summary>Remove the container when it ends.</summary>
    public bool? AutoRemove { get; init; }

    /// <summary>Driver of volumes made for <see cref="Binds"/>.</summary>
    public string? VolumeDriver { get; init; }

    /// <summary>Containers whose volumes to use, <c>container[:ro|rw]</c>.</summary>
    public IReadOnlyList<string>? VolumesFrom { get; init; }

    /// <summary>Height and width of the terminal.</summary>
    public IReadOnlyList<int>? ConsoleSize { get; init; }

    /// <summary>Annotations for the runtime (API 1.43; older engines ignore them).</summary>
    public IReadOnlyDictionary<string, string>? Annotations { get; init; }

    /// <summary>Kernel capabilities to add.</summary>
    [JsonConverter(typeof(StringListConverter))]
    public IReadOnlyList<string>? CapAdd { get; init; }

    /// <summary>Kernel capabilities to drop.</summary>
    [JsonConverter(typeof(StringListConverter))]
    public IReadOnlyList<string>? CapDrop { get; init; }

    /// <summary>Cgroup namespace: <c>host</c>, <c>private</c> or empty.</summary>
    public string? CgroupnsMode { get; init; }

    /// <summary>The whole list of capabilities (API 1.40 only).</summary>
    public IReadOnlyList<string>? Capabilities { get; init; }

    /// <summary>DNS servers.</summary>
    public IReadOnlyList<string>? Dns { get; init; }

    /// <summary>Options of the resolver.</summary>
    public IReadOnlyList<string>? DnsOptions { get; init; }

    /// <summary>Search domains.</summary>
    public IReadOnlyList<string>? DnsSearch { get; init; }

    /// <summary>Lines of /etc/hosts, <c>name:address</c>.</summary>
    public IReadOnlyList<string>? ExtraHosts { get; init; }

    /// <summary>Additional groups.</summary>
    public IReadOnlyList<string>? GroupAdd { get; init; }

    /// <summary>IPC namespace: <c>none</c>, <c>private</c>, <c>shareable</c>, <c>host</c>, <c>container:id</c>.</summary>
    public string? IpcMode { get; init; }

    /// <summary>Cgroup of another container.</summary>
    public string? Cgroup { get; init; }

    /// <summary>Links to other containers, <c>container:alias</c>.</summary>
    public IReadOnlyList<string>? Links { get; init; }

    /// <summary>-1000 to 1000.</summary>
    public int? OomScoreAdj { get; init; }

    /// <summary>PID namespace: empty, <c>host</c> or <c>container:id</c>.</summary>
    public string? PidMode { get; init; }

    /// <summary>All devices and capabilities of the host.</summary>
    public bool? Privileged { get; init; }

    /// <summary>Publish every exposed port on a free port of the host.</summary>
    public bool? PublishAllPorts { get; init; }

    /// <summary>The root file system is read-only.</summary>
    public bool? ReadonlyRootfs { get; init; }

    /// <summary>Options of security systems.</summary>
    public IReadOnlyList<string>? SecurityOpt { get; init; }

    /// <summary>Options of the storage driver.</summary>
    public IReadOnlyDictionary<string, string>? StorageOpt { get; init; }

    /// <summary>tmpfs mounts: path to mount options.</summary>
    public IReadOnlyDictionary<string, string>? Tmpfs { get; init; }

    /// <summary>UTS namespace: empty or <c>host</c>.</summary>
    public string? UTSMode { get; init; }

    /// <summary>User namespace: empty or <c>host</c>.</summary>
    public string? UsernsMode { get; init; }

    /// <summary>Size of /dev/shm in bytes; 0 is the engine's default.</summary>
    public long? ShmSize { get; init; }

    /// <summary>Kernel parameters of the namespaces.</summary>
    public IReadOnlyDictionary<string, string>? Sysctls { get; init; }

    /// <summary>OCI runtime.</summary>
    public string? Runtime { get; init; }

    /// <summary>Windows: isolation technology.</summary>
    public string? Isolation { get; init; }

    /// <summary>Mounts.</summary>
    public IReadOnlyList<MountSpec>? Mounts { get; init; }

    /// <summary>Paths to mask; null is the default list, an empty list masks nothing.</summary>
    public IReadOnlyList<string>? MaskedPaths { get; init; }

    /// <summary>Paths to make read-only; null is the default list, an empty list none.</summary>
    public IReadOnlyList<string>? ReadonlyPaths { get; init; }

    /// <summary>Run an init process that forwards signals and reaps.</summary>
    public bool? Init { get; init; }
}
