namespace ControlPlane.Engine.Containers;

/// <summary>Where a port is published on the host.</summary>
public sealed record PortBinding
{
    /// <summary>Address of the host; empty or null is every address.</summary>
    public string? HostIp { get; init; }

    /// <summary>Port of the host, a range, or empty for a free one. The engine takes a string, no number.</summary>
    public string? HostPort { get; init; }
}

/// <summary>When the engine starts a container again.</summary>
public sealed record RestartPolicy
{
    /// <summary><c>no</c> (or empty), <c>always</c>, <c>unless-stopped</c>, <c>on-failure</c>.</summary>
    public string? Name { get; init; }

    /// <summary>Attempts at most; only with <c>on-failure</c>, 0 is unlimited.</summary>
    public int? MaximumRetryCount { get; init; }
}

/// <summary>Log driver and its options.</summary>
public sealed record LogConfig
{
    /// <summary>Name of the driver; null or empty is the engine's default.</summary>
    public string? Type { get; init; }

    /// <summary>Options of the driver.</summary>
    public IReadOnlyDictionary<string, string>? Config { get; init; }
}

/// <summary>A resource limit of processes (getrlimit).</summary>
public sealed record Ulimit
{
    /// <summary><c>nofile</c>, <c>nproc</c>, …</summary>
    public string? Name { get; init; }

    /// <summary>Hard limit; -1 is unlimited.</summary>
    public long? Hard { get; init; }

    /// <summary>Soft limit; -1 is unlimited.</summary>
    public long? Soft { get; init; }
}

/// <summary>Block I/O weight of a device.</summary>
public sealed record WeightDevice
{
    /// <summary>Path of the device.</summary>
    public string? Path { get; init; }

    /// <summary>10 to 1000.</summary>
    public int? Weight { get; init; }
}

/// <summary>Block I/O rate of a device.</summary>
public sealed record ThrottleDevice
{
    /// <summary>Path of the device.</summary>
    public string? Path { get; init; }

    /// <summary>Bytes or operations per second.</summary>
    public long? Rate { get; init; }
}

/// <summary>A device of the host.</summary>
public sealed record DeviceMapping
{
    /// <summary>Path on the host.</summary>
    public string? PathOnHost { get; init; }

    /// <summary>Path in the container.</summary>
    public string? PathInContainer { get; init; }

    /// <summary>Some of <c>rwm</c>.</summary>
    public string? CgroupPermissions { get; init; }
}

/// <summary>Devices asked of a driver.</summary>
public sealed record DeviceRequest
{
    /// <summary>Name of the driver.</summary>
    public string? Driver { get; init; }

    /// <summary>How many; -1 is all.</summary>
    public int? Count { get; init; }

    /// <summary>Which ones.</summary>
    public IReadOnlyList<string>? DeviceIDs { get; init; }

    /// <summary>Alternatives of capabilities that all must be there.</summary>
    public IReadOnlyList<IReadOnlyList<string>>? Capabilities { get; init; }

    /// <summary>Options of the driver.</summary>
    public IReadOnlyDictionary<string, string>? Options { get; init; }
}
