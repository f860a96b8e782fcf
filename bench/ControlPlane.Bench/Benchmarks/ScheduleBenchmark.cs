using System.Diagnostics;
using System.Globalization;
using ControlPlane.Bench.Measuring;
using ControlPlane.Bench.Scheduling;

namespace ControlPlane.Bench.Benchmarks;

/// <summary>Decide and reserve in the real index, beside a naive LINQ scheduler over the same nodes and the same churn.</summary>
internal sealed class ScheduleBenchmark : IBenchmark
{
    private const int Pairs = 6;

    public string Name => "schedule";

    public string Summary => "decide and reserve over 100, 1,000 and 10,000 nodes beside a naive LINQ reference";

    public async Task RunAsync(Report report, bool quick, CancellationToken cancellationToken)
    {
        var time = TimeSpan.FromMilliseconds(quick ? 20 : 400);
        var pairs = quick ? 1 : Pairs;
        var costs = new Dictionary<int, double>();
        foreach (var nodes in (int[])[100, 1_000, 10_000])
        {
            foreach (var constrained in (bool[])[false, true])
            {
                var ours = new IndexedScheduler(nodes, constrained);
                var naive = new NaiveScheduler(nodes, constrained);
                _ = PerSecond(ours.Place, time);
                _ = PerSecond(naive.Place, time);
                var result = await Measuring.Pairs.RunAsync(
                    pairs,
                    _ => Task.FromResult(PerSecond(ours.Place, time)),
                    _ => Task.FromResult(PerSecond(naive.Place, time)),
                    cancellationToken);
                costs.TryAdd(nodes, 1e6 / result.Ours);
                var what = constrained ? ", one constraint" : "";
                report.Add(Figure.Compared(
                    string.Create(CultureInfo.InvariantCulture, $"schedule {nodes:#,0} nodes{what} / LINQ"), result, "/s",
                    nodes == 10_000 ? Bar.AtLeast(50) : null, "every one is decided, reserved, confirmed and later removed"));
                if (nodes == 10_000)
                {
                    report.Add(Figure.Of($"schedule 10,000 nodes{what}", result.Ours, "/s", Bar.AtLeast(200_000)));
                }
            }
        }

        report.Add(Figure.Of("schedule cost at 10,000 / at 100 nodes", costs[10_000] / costs[100], "", Bar.AtMost(3)));
        var full = new IndexedScheduler(10_000, constrained: false, fill: 0.97);
        _ = PerSecond(full.Place, time);
        report.Add(Figure.Of("schedule 10,000 nodes, 97 % of them full", PerSecond(full.Place, time * 3), "/s", Bar.AtLeast(50_000)));
    }

    private static double PerSecond(Action place, TimeSpan time)
    {
        var placed = 0;
        var started = Stopwatch.GetTimestamp();
        do
        {
            for (var i = 0; i < 16; i++)
            {
                place();
            }

            placed += 16;
        }
        while (Stopwatch.GetElapsedTime(started) < time);
        return placed / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }
}
