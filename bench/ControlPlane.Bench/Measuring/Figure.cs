using System.Globalization;

namespace ControlPlane.Bench.Measuring;

/// <summary>One line of the result.</summary>
/// <param name="Name">What was measured.</param>
/// <param name="Ours">The product's value.</param>
/// <param name="Baseline">What it is compared with, measured in the same run; empty without one.</param>
/// <param name="Ratio">Ours over the baseline; empty without one.</param>
/// <param name="Bar">The bar; empty when there is none.</param>
/// <param name="Met">Whether the bar was reached; null without one.</param>
/// <param name="Note">Spread and circumstances.</param>
internal sealed record Figure(string Name, string Ours, string Baseline, string Ratio, string Bar, bool? Met, string Note)
{
    /// <summary>A value with a bar of its own.</summary>
    public static Figure Of(string name, double value, string unit, Bar? bar, string note = "") => new(
        name, Text(value, unit), "", "", bar is { } has ? $"{has} {unit}".TrimEnd() : "", bar?.IsMetBy(value), note);

    /// <summary>A value beside a baseline; the bar is on the ratio.</summary>
    public static Figure Compared(string name, Pairs pairs, string unit, Bar? bar, string note = "") => new(
        name, Text(pairs.Ours, unit), Text(pairs.Baseline, unit), pairs.Ratio.ToString("0.000", CultureInfo.InvariantCulture),
        bar?.ToString() ?? "", bar?.IsMetBy(pairs.Ratio), note.Length == 0 ? pairs.Spread : $"{pairs.Spread}; {note}");

    private static string Text(double value, string unit) => value switch
    {
        double.NaN => "none",
        >= 1000 => string.Create(CultureInfo.InvariantCulture, $"{value:#,0} {unit}"),
        >= 10 => string.Create(CultureInfo.InvariantCulture, $"{value:0.0} {unit}"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{value:0.00#} {unit}"),
    };
}
