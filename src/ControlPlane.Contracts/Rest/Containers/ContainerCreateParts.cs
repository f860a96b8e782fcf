namespace ControlPlane.Contracts.Rest.Containers;

/// <summary>A published port.</summary>
public sealed record PortRequest
{
    /// <summary>1 to 65535.</summary>
    public int? ContainerPort { get; init; }

    /// <summary>1 to 65535; a free one when left out.</summary>
    public int? HostPort { get; init; }

    /// <summary>Address of the node; every address when left out.</summary>
    public string? HostIp { get; init; }

    /// <summary><c>tcp</c> (when left out), <c>udp</c> or <c>sctp</c>.</summary>
    public string? Protocol { get; init; }
}

/// <summary>A mount.</summary>
public sealed record MountRequest
{
    /// <summary><c>bind</c>, <c>volume</c> or <c>tmpfs</c>.</summary>
    public string? Type { get; init; }

    /// <summary>Path on the node (bind) or name of the volume; an anonymous volume when left out.</summary>
    public string? Source { get; init; }

    /// <summary>Path in the container, absolute.</summary>
    public string? Target { get; init; }

    /// <summary>Not writable in the container.</summary>
    public bool? ReadOnly { get; init; }

    /// <summary>Options of a volume.</summary>
    public VolumeOptionsRequest? VolumeOptions { get; init; }

    /// <summary>Size of a tmpfs.</summary>
    public long? TmpfsSizeBytes { get; init; }
}

/// <summary>Options of a volume that is made for a mount.</summary>
public sealed record VolumeOptionsRequest
{
    /// <summary>Do not copy what the image has at the target.</summary>
    public bool? NoCopy { get; init; }

    /// <summary>Labels of the volume.</summary>
    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    /// <summary>Name of the volume driver; <c>local</c> when left out.</summary>
    public string? Driver { get; init; }

    /// <summary>Options of the driver.</summary>
    public IReadOnlyDictionary<string, string>? DriverOptions { get; init; }
}

/// <summary>A network to join.</summary>
public sealed record NetworkRequest
{
    /// <summary>Name or id of the network.</summary>
    public string? Name { get; init; }

    /// <summary>Additional DNS names in the network.</summary>
    public IReadOnlyList<string>? Aliases { get; init; }

    /// <summary>Wanted address.</summary>
    public string? Ipv4Address { get; init; }
}

/// <summary>Limits and reservations. A reservation is what placement counts; without one the limit is.</summary>
public sealed record ResourcesRequest
{
    /// <summary>Memory limit in bytes, at least 6 MiB.</summary>
    public long? MemoryBytes { get; init; }

    /// <summary>Reserved memory in bytes, at most the limit.</summary>
    public long? MemoryReservationBytes { get; init; }

    /// <summary>CPU limit in billionths of a CPU.</summary>
    public long? NanoCpus { get; init; }

    /// <summary>Reserved CPU in billionths of a CPU, at most the limit.</summary>
    public long? NanoCpusReservation { get; init; }

    /// <summary>Relative CPU weight, 2 to 262144.</summary>
    public long? CpuShares { get; init; }

    /// <summary>Generic resources of the node to reserve, e.g. <c>{"gpu": 1}</c>.</summary>
    public IReadOnlyDictionary<string, long>? Generic { get; init; }

    /// <summary>Processes at most; -1 is unlimited.</summary>
    public long? PidsLimit { get; init; }
}

/// <summary>When the engine starts the container again.</summary>
public sealed record RestartPolicyRequest
{
    /// <summary><c>no</c>, <c>always</c>, <c>unless-stopped</c> or <c>on-failure</c>.</summary>
    public string? Name { get; init; }

    /// <summary>Attempts at most, only with <c>on-failure</c>; 0 is unlimited.</summary>
    public int? MaximumRetryCount { get; init; }
}

/// <summary>A health check; what is left out is the image's.</summary>
public sealed record HealthcheckRequest
{
    /// <summary><c>["CMD", program, …]</c> or <c>["CMD-SHELL", text]</c>.</summary>
    public IReadOnlyList<string>? Test { get; init; }

    /// <summary>Between two checks, at least 0.001.</summary>
    public double? IntervalSeconds { get; init; }

    /// <summary>Until a check counts as failed, at least 0.001.</summary>
    public double? TimeoutSeconds { get; init; }

    /// <summary>After the start, in which failures do not count.</summary>
    public double? StartPeriodSeconds { get; init; }

    /// <summary>Failures in a row that make the container unhealthy.</summary>
    public int? Retries { get; init; }

    /// <summary>Switches off the image's health check.</summary>
    public bool? Disable { get; init; }
}

/// <summary>A resource limit of processes.</summary>
public sealed record UlimitRequest
{
    /// <summary><c>nofile</c>, <c>nproc</c>, …</summary>
    public string? Name { get; init; }

    /// <summary>Soft limit; -1 is unlimited.</summary>
    public long? Soft { get; init; }

    /// <summary>Hard limit; -1 is unlimited; the soft limit when left out.</summary>
    public long? Hard { get; init; }
}

/// <summary>Log driver and its options.</summary>
public sealed record LoggingRequest
{
    /// <summary>Name of the driver; the engine's default when left out.</summary>
    public string? Driver { get; init; }

    /// <summary>Options of the driver.</summary>
    public IReadOnlyDictionary<string, string>? Options { get; init; }
}
