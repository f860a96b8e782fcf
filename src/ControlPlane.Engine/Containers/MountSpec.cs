namespace ControlPlane.Engine.Containers;

/// <summary>A mount.</summary>
public sealed record MountSpec
{
    /// <summary><c>bind</c>, <c>volume</c>, <c>tmpfs</c> (or <c>npipe</c>, and <c>cluster</c>, <c>image</c> with later engines).</summary>
    public string? Type { get; init; }

    /// <summary>Host path or volume name; none for tmpfs.</summary>
    public string? Source { get; init; }

    /// <summary>Path in the container.</summary>
    public string? Target { get; init; }

    /// <summary>Not writable in the container.</summary>
    public bool? ReadOnly { get; init; }

    /// <summary><c>default</c>, <c>consistent</c>, <c>cached</c>, <c>delegated</c>; only desktop engines look at it.</summary>
    public string? Consistency { get; init; }

    /// <summary>Options of a bind mount.</summary>
    public BindOptions? BindOptions { get; init; }

    /// <summary>Options of a volume.</summary>
    public VolumeOptions? VolumeOptions { get; init; }

    /// <summary>Options of a tmpfs.</summary>
    public TmpfsOptions? TmpfsOptions { get; init; }
}

/// <summary>Options of a bind mount.</summary>
public sealed record BindOptions
{
    /// <summary><c>private</c>, <c>rprivate</c>, <c>shared</c>, <c>rshared</c>, <c>slave</c>, <c>rslave</c>.</summary>
    public string? Propagation { get; init; }

    /// <summary>Without the mounts below the path.</summary>
    public bool? NonRecursive { get; init; }

    /// <summary>Create the path on the host (API 1.42).</summary>
    public bool? CreateMountpoint { get; init; }

    /// <summary>Mounts below stay writable (API 1.44).</summary>
    public bool? ReadOnlyNonRecursive { get; init; }

    /// <summary>Fail when mounts below cannot be made read-only (API 1.44).</summary>
    public bool? ReadOnlyForceRecursive { get; init; }
}

/// <summary>Options of a volume.</summary>
public sealed record VolumeOptions
{
    /// <summary>Do not copy what the image has at the target.</summary>
    public bool? NoCopy { get; init; }

    /// <summary>Labels of a volume made for this mount.</summary>
    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    /// <summary>Driver of a volume made for this mount.</summary>
    public VolumeDriverConfig? DriverConfig { get; init; }
}

/// <summary>Driver of a volume.</summary>
public sealed record VolumeDriverConfig
{
    /// <summary>Name of the driver.</summary>
    public string? Name { get; init; }

    /// <summary>Options of the driver; <c>o=bind</c> of the local driver makes a bind mount of it.</summary>
    public IReadOnlyDictionary<string, string>? Options { get; init; }
}

/// <summary>Options of a tmpfs.</summary>
public sealed record TmpfsOptions
{
    /// <summary>Size in bytes; 0 is half of the memory.</summary>
    public long? SizeBytes { get; init; }

    /// <summary>Permissions, as a number (0o1777 is 1023).</summary>
    public int? Mode { get; init; }
}
