namespace ControlPlane.Scheduling;

/// <summary>
/// How much of a capacity is reserved, and what one unit more adds, in percent. Strategies and indexes both take percentages from
/// here, by the same operations in the same order: an index's bound is then exactly a strategy's score.
/// </summary>
/// <param name="Percent">Reserved, in percent; may be over 100.</param>
/// <param name="PerUnit">What a byte or a billionth of a CPU adds.</param>
public readonly record struct LoadShare(double Percent, double PerUnit)
{
    /// <summary>Less than this below a whole percent counts as that percent: sums of fractions must not fall short of it.</summary>
    public const double Rounding = 1e-6;

    /// <summary>The share of what is reserved.</summary>
    /// <param name="reserved">At least 0.</param>
    /// <param name="reservable">The capacity with its overcommit; 0 counts as 1.</param>
    public static LoadShare Of(long reserved, long reservable)
    {
        var total = (double)Math.Max(1, reservable);
        return new LoadShare(reserved * 100.0 / total, 100.0 / total);
    }

    /// <summary>Whole percent with a request.</summary>
    /// <param name="amount">More than 0.</param>
    public int With(long amount) => (int)Math.Floor(Percent + (amount * PerUnit) + Rounding);
}
