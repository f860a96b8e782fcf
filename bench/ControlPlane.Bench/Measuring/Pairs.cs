using System.Globalization;

namespace ControlPlane.Bench.Measuring;

/// <summary>
/// Ours beside the baseline, in the order A B B A A B …: a drift of the machine meets both sides alike. Each pair gives one ratio, and
/// what is reported is the median of the ratios with their range, not the ratio of two medians of different minutes.
/// </summary>
internal sealed class Pairs
{
    private readonly List<(double Ours, double Baseline)> _values = [];

    public int Count => _values.Count;

    public double Ours => Middle(_values.Select(pair => pair.Ours));

    public double Baseline => Middle(_values.Select(pair => pair.Baseline));

    public double Ratio => Middle(Ratios);

    public string Spread => string.Create(CultureInfo.InvariantCulture, $"{Ratios.Min():0.00}–{Ratios.Max():0.00} in {Count} pairs");

    private IEnumerable<double> Ratios => _values.Select(pair => pair.Ours / pair.Baseline);

    public static async Task<Pairs> RunAsync(
        int count, Func<CancellationToken, Task<double>> ours, Func<CancellationToken, Task<double>> baseline, CancellationToken cancellationToken)
    {
        var pairs = new Pairs();
        for (var i = 0; i < count; i++)
        {
            if (i % 2 == 0)
            {
                var first = await ours(cancellationToken);
                pairs._values.Add((first, await baseline(cancellationToken)));
            }
            else
            {
                var first = await baseline(cancellationToken);
                pairs._values.Add((await ours(cancellationToken), first));
            }
        }

        return pairs;
    }

    private static double Middle(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted.Length == 0 ? double.NaN
            : sorted.Length % 2 == 1 ? sorted[sorted.Length / 2]
            : (sorted[(sorted.Length / 2) - 1] + sorted[sorted.Length / 2]) / 2;
    }
}
