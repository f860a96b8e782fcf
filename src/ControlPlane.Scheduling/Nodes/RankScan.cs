namespace ControlPlane.Scheduling;

/// <summary>How a ranking orders nodes, as far as an index can help.</summary>
public enum RankOrder
{
    /// <summary>The lowest weight, then the fewest containers (spread).</summary>
    LowestWeight,

    /// <summary>The highest weight, then the most containers (binpack).</summary>
    HighestWeight,

    /// <summary>Something else: every node has to be looked at.</summary>
    Other,
}

/// <summary>A walk over the nodes in ring order that may skip what cannot win.</summary>
/// <param name="Start">The slot the ring begins with.</param>
/// <param name="Order">Which nodes are better.</param>
/// <param name="MemoryBytes">Memory asked for, or 0.</param>
/// <param name="NanoCpus">CPUs asked for, or 0.</param>
/// <param name="Group">Only nodes with this label (kind <see cref="TermKind.Label"/>) matter, or null for all.</param>
public readonly record struct RankScan(int Start, RankOrder Order, long MemoryBytes, long NanoCpus, Term? Group);

/// <summary>Takes the slots of a <see cref="RankScan"/>.</summary>
public interface IRankSink
{
    /// <summary>Takes one slot.</summary>
    /// <param name="slot">Perhaps an empty one.</param>
    /// <returns>The limit from now on: a slot whose <see cref="RankKey"/> is not below it cannot get on the shortlist.</returns>
    int Offer(int slot);
}

/// <summary>
/// Weight and number of containers of a node in one number, so that an index can compare them at once: the lower, the better.
/// Bounded to 2,000 steps of weight and a million containers; beyond, nodes look equal to an index.
/// </summary>
public static class RankKey
{
    /// <summary>No limit: everything can still win.</summary>
    public const int None = int.MaxValue;

    /// <summary>The count takes 20 bits.</summary>
    public const int CountBits = 20;

    /// <summary>The largest count in a key.</summary>
    public const int MaxCount = (1 << CountBits) - 1;

    /// <summary>The lowest weight of a spread: 100 of health times −10.</summary>
    public const int LowestWeight = -1_000;

    /// <summary>The highest weight of a binpack: 100 % and 100 % with some overcommit, and 100 of health times 10.</summary>
    public const int HighestWeight = 1_210;

    /// <summary>Steps of weight that fit beside the count.</summary>
    public const int MaxSteps = 2_000;

    /// <summary>Returns the key.</summary>
    /// <param name="order">Which nodes are better; not <see cref="RankOrder.Other"/>.</param>
    /// <param name="weight">The strategy's weight.</param>
    /// <param name="containers">Containers in any state.</param>
    public static int Of(RankOrder order, int weight, int containers)
    {
        var steps = Math.Clamp(order == RankOrder.LowestWeight ? weight - LowestWeight : HighestWeight - weight, 0, MaxSteps);
        var count = Math.Clamp(containers, 0, MaxCount);
        return (steps << CountBits) | (order == RankOrder.LowestWeight ? count : MaxCount - count);
    }
}
