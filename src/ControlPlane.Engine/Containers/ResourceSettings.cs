namespace ControlPlane.Engine.Containers;

/// <summary>Limits of a container (API: Resources): part of creating and of updating one.</summary>
public abstract record ResourceSettings
{
    /// <summary>Relative CPU weight.</summary>
    public long? CpuShares { get; init; }

    /// <summary>Memory limit in bytes; 0 is none, otherwise at least 6 MiB.</summary>
    public long? Memory { get; init; }

    /// <summary>CPU limit in billionths of a CPU.</summary>
    public long? NanoCpus { get; init; }

    /// <summary>Parent cgroup.</summary>
    public string? CgroupParent { get; init; }

    /// <summary>Block I/O weight, 10 to 1000; 0 is the default.</summary>
    public int? BlkioWeight { get; init; }

    /// <summary>Block I/O weight per device.</summary>
    public IReadOnlyList<WeightDevice>? BlkioWeightDevice { get; init; }

    /// <summary>Bytes per second read from a device, at most.</summary>
    public IReadOnlyList<ThrottleDevice>? BlkioDeviceReadBps { get; init; }

    /// <summary>Bytes per second written to a device, at most.</summary>
    public IReadOnlyList<ThrottleDevice>? BlkioDeviceWriteBps { get; init; }

    /// <summary>Reads per second from a device, at most.</summary>
    public IReadOnlyList<ThrottleDevice>? BlkioDeviceReadIOps { get; init; }

    /// <summary>Writes per second to a device, at most.</summary>
    public IReadOnlyList<ThrottleDevice>? BlkioDeviceWriteIOps { get; init; }

    /// <summary>Length of a CPU period in microseconds.</summary>
    public long? CpuPeriod { get; init; }

    /// <summary>CPU time per period in microseconds.</summary>
    public long? CpuQuota { get; init; }

    /// <summary>Real-time period in microseconds.</summary>
    public long? CpuRealtimePeriod { get; init; }

    /// <summary>Real-time runtime in microseconds.</summary>
    public long? CpuRealtimeRuntime { get; init; }

    /// <summary>CPUs that may be used: <c>0-2,4</c>.</summary>
    public string? CpusetCpus { get; init; }

    /// <summary>Memory nodes that may be used: <c>0-1</c>.</summary>
    public string? CpusetMems { get; init; }

    /// <summary>Devices of the host.</summary>
    public IReadOnlyList<DeviceMapping>? Devices { get; init; }

    /// <summary>Rules of the device cgroup: <c>c 13:* rwm</c>.</summary>
    public IReadOnlyList<string>? DeviceCgroupRules { get; init; }

    /// <summary>Devices asked of drivers, GPUs for example.</summary>
    public IReadOnlyList<DeviceRequest>? DeviceRequests { get; init; }

    /// <summary>Kernel memory limit in bytes (removed in later engines).</summary>
    public long? KernelMemory { get; init; }

    /// <summary>Kernel TCP buffer limit in bytes.</summary>
    public long? KernelMemoryTCP { get; init; }

    /// <summary>Memory soft limit in bytes; at most the limit.</summary>
    public long? MemoryReservation { get; init; }

    /// <summary>Memory and swap together in bytes; -1 is unlimited swap, 0 twice the memory.</summary>
    public long? MemorySwap { get; init; }

    /// <summary>0 to 100; -1 is the host's value.</summary>
    public long? MemorySwappiness { get; init; }

    /// <summary>Never kill the container when memory runs out.</summary>
    public bool? OomKillDisable { get; init; }

    /// <summary>Processes at most; 0 or -1 is unlimited.</summary>
    public long? PidsLimit { get; init; }

    /// <summary>Resource limits of the processes.</summary>
    public IReadOnlyList<Ulimit>? Ulimits { get; init; }

    /// <summary>Windows: number of CPUs.</summary>
    public long? CpuCount { get; init; }

    /// <summary>Windows: share of the CPUs in percent.</summary>
    public long? CpuPercent { get; init; }

    /// <summary>Windows: operations per second on the system drive.</summary>
    public long? IOMaximumIOps { get; init; }

    /// <summary>Windows: bytes per second on the system drive.</summary>
    public long? IOMaximumBandwidth { get; init; }
}
