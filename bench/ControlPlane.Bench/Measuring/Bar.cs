using System.Globalization;

namespace ControlPlane.Bench.Measuring;

/// <summary>What a figure has to reach.</summary>
internal readonly record struct Bar(double Limit, bool IsFloor)
{
    /// <summary>The least that is good enough.</summary>
    public static Bar AtLeast(double limit) => new(limit, IsFloor: true);

    /// <summary>The most that is good enough.</summary>
    public static Bar AtMost(double limit) => new(limit, IsFloor: false);

    public bool IsMetBy(double value) => IsFloor ? value >= Limit : value <= Limit;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{(IsFloor ? '≥' : '≤')} {Limit:0.###}");
}
