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

        // Once for all cases: the first one would otherwise be measured while its code is still being compiled.
        _ = PerSecond(new IndexedScheduler(200, SchedulingCase.AnyZone).Place, time * 4);
        _ = PerSecond(new NaiveScheduler(200, SchedulingCase.AnyZone).Place, time * 4);
        foreach (var nodes in (int[])[100, 1_000, 10_000])
        {
            foreach (var what in Enum.GetValues<SchedulingCase>())
            {
                var ours = new IndexedScheduler(nodes, what);
                var naive = new NaiveScheduler(nodes, what);
                _ = PerSecond(ours.Place, time);
                _ = PerSecond(naive.Place, time);
                var result = await Measuring.Pairs.RunAsync(
                    pairs,
                    _ => Task.FromResult(PerSecond(ours.Place, time)),
                    _ => Task.FromResult(PerSecond(naive.Place, time)),
                    cancellationToken);
                costs.TryAdd(nodes, 1e6 / result.Ours);

                // The goals are for the largest cluster and even load; the two cases that defeat the index are shown, not judged.
                var judged = nodes == 10_000 && (what is SchedulingCase.Plain or SchedulingCase.AnyZone);
                var name = string.Create(CultureInfo.InvariantCulture, $"schedule {nodes:#,0} nodes{NameOf(what)}");
                report.Add(Figure.Compared(name + " / LINQ", result, "/s", judged ? Bar.AtLeast(50) : null));
                if (judged)
                {
                    report.Add(Figure.Of(name, result.Ours, "/s", Bar.AtLeast(200_000)));
                }
            }
        }

        report.Add(Figure.Of("schedule cost at 10,000 / at 100 nodes", costs[10_000] / costs[100], "", Bar.AtMost(3)));
        var full = new IndexedScheduler(10_000, SchedulingCase.Memory, fill: 0.97);
        _ = PerSecond(full.Place, time);
        report.Add(Figure.Of("schedule 10,000 nodes, memory, 97 % full", PerSecond(full.Place, time * 3), "/s", Bar.AtLeast(50_000)));
    }

    private static string NameOf(SchedulingCase what) => what switch
    {
        SchedulingCase.AnyZone => ", constraint",
        SchedulingCase.OneZone => ", one zone only",
        SchedulingCase.Memory => ", memory",
        _ => "",
    };

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
