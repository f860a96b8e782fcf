using ControlPlane.Engine.Containers;

namespace ControlPlane.Engine.Images;

/// <summary><c>POST /build</c> (Engine API v1.41): the parameters of its query, under the names they have there.</summary>
public sealed record BuildSpec
{
    /// <summary><c>dockerfile</c>: path in the context.</summary>
    public string? Dockerfile { get; init; }

    /// <summary><c>t</c>: names of the image.</summary>
    public IReadOnlyList<string>? T { get; init; }

    /// <summary><c>extrahosts</c>: lines of /etc/hosts.</summary>
    public IReadOnlyList<string>? ExtraHosts { get; init; }

    /// <summary><c>remote</c>: where the engine itself fetches the context from.</summary>
    public string? Remote { get; init; }

    /// <summary><c>q</c>: quiet.</summary>
    public bool? Q { get; init; }

    /// <summary><c>nocache</c>.</summary>
    public bool? NoCache { get; init; }

    /// <summary><c>cachefrom</c>: images whose layers may be used.</summary>
    public IReadOnlyList<string>? CacheFrom { get; init; }

    /// <summary><c>pull</c>: pull base images although they are there.</summary>
    public bool? Pull { get; init; }

    /// <summary><c>rm</c>: remove intermediate containers.</summary>
    public bool? Rm { get; init; }

    /// <summary><c>forcerm</c>: also after failures.</summary>
    public bool? ForceRm { get; init; }

    /// <summary><c>memory</c>: limit in bytes.</summary>
    public long? Memory { get; init; }

    /// <summary><c>memswap</c>: memory and swap in bytes.</summary>
    public long? MemSwap { get; init; }

    /// <summary><c>cpushares</c>.</summary>
    public long? CpuShares { get; init; }

    /// <summary><c>cpusetcpus</c>.</summary>
    public string? CpuSetCpus { get; init; }

    /// <summary><c>cpusetmems</c>.</summary>
    public string? CpuSetMems { get; init; }

    /// <summary><c>cpuperiod</c>.</summary>
    public long? CpuPeriod { get; init; }

    /// <summary><c>cpuquota</c>.</summary>
    public long? CpuQuota { get; init; }

    /// <summary><c>buildargs</c>.</summary>
    public IReadOnlyDictionary<string, string>? BuildArgs { get; init; }

    /// <summary><c>shmsize</c>: bytes of /dev/shm.</summary>
    public long? ShmSize { get; init; }

    /// <summary><c>squash</c>: one layer.</summary>
    public bool? Squash { get; init; }

    /// <summary><c>labels</c> of the image.</summary>
    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    /// <summary><c>networkmode</c> of RUN.</summary>
    public string? NetworkMode { get; init; }

    /// <summary><c>platform</c>: os/architecture.</summary>
    public string? Platform { get; init; }

    /// <summary><c>target</c>: the stage.</summary>
    public string? Target { get; init; }

    /// <summary><c>outputs</c>: of BuildKit.</summary>
    public string? Outputs { get; init; }

    /// <summary><c>version</c>: 1 or 2 (BuildKit).</summary>
    public string? Version { get; init; }

    /// <summary><c>cgroupparent</c>.</summary>
    public string? CgroupParent { get; init; }

    /// <summary><c>securityopt</c>.</summary>
    public IReadOnlyList<string>? SecurityOpt { get; init; }

    /// <summary><c>ulimits</c>.</summary>
    public IReadOnlyList<Ulimit>? Ulimits { get; init; }

    /// <summary><c>isolation</c>: Windows.</summary>
    public string? Isolation { get; init; }
}
