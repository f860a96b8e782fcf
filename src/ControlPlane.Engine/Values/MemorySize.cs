namespace ControlPlane.Engine.Values;

/// <summary>Limits of memory sizes, in bytes.</summary>
public static class MemorySize
{
    /// <summary>Smallest limit or reservation the engine accepts: 6 MiB.</summary>
    public const long Minimum = 6 * 1024 * 1024;

    /// <summary>Largest size accepted: 1 PiB. Beyond it sums over a cluster could overflow, and no host has as much.</summary>
    public const long Maximum = 1L << 50;
}
