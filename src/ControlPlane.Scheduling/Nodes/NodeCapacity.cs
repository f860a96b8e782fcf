namespace ControlPlane.Scheduling;

/// <summary>What a node has, and how far beyond it reservations may go.</summary>
public readonly record struct NodeCapacity
{
    /// <summary>
    /// Largest quantity that is counted, for memory in bytes (1 PiB) and for CPUs in billionths (about a million CPUs).
    /// Larger values are treated as this one, so that no sum or percentage can overflow.
    /// </summary>
    public const long MaxQuantity = 1L << 50;

    /// <summary>Largest overcommit, in percent.</summary>
    public const int MaxOvercommitPercent = 1000;

    /// <summary>Overcommit of a node for which nothing else was set, as in classic Swarm, in percent.</summary>
    public const int DefaultOvercommitPercent = 5;

    /// <summary>Creates a capacity; values outside the ranges are brought to the nearest bound.</summary>
    /// <param name="memoryBytes">Memory in bytes, 0 to <see cref="MaxQuantity"/>.</param>
    /// <param name="nanoCpus">CPUs in billionths (1 CPU = 1,000,000,000), 0 to <see cref="MaxQuantity"/>.</param>
    /// <param name="overcommitPercent">Whole percent, 0 to <see cref="MaxOvercommitPercent"/>.</param>
    public NodeCapacity(long memoryBytes, long nanoCpus, int overcommitPercent = DefaultOvercommitPercent)
    {
        MemoryBytes = Math.Clamp(memoryBytes, 0, MaxQuantity);
        NanoCpus = Math.Clamp(nanoCpus, 0, MaxQuantity);
        OvercommitPercent = Math.Clamp(overcommitPercent, 0, MaxOvercommitPercent);
    }

    /// <summary>Memory in bytes.</summary>
    public long MemoryBytes { get; }

    /// <summary>CPUs in billionths (1 CPU = 1,000,000,000).</summary>
    public long NanoCpus { get; }

    /// <summary>How far reservations may exceed the capacity, in whole percent.</summary>
    public int OvercommitPercent { get; }

    /// <summary>Memory that may be reserved in all, overcommit included, in bytes.</summary>
    public long ReservableMemoryBytes => MemoryBytes + (MemoryBytes * OvercommitPercent / 100);

    /// <summary>CPUs that may be reserved in all, overcommit included, in billionths.</summary>
    public long ReservableNanoCpus => NanoCpus + (NanoCpus * OvercommitPercent / 100);
}
