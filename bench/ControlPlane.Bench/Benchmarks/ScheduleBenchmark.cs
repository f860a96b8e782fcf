using System.Diagnostics;
using System.Globalization;
using ControlPlane.Bench.Measuring;
using ControlPlane.Bench.Scheduling;

namespace ControlPlane.Bench.Benchmarks;

/// <summary>
/// Name check, decision and reservation in the real index, each followed by the container's report and the removal of the oldest,
/// beside a naive LINQ scheduler over the same cluster and the same churn.
/// </summary>
internal sealed class ScheduleBenchmark : IBenchmark
{
    private const int Pairs = 4;
    private const int ContainersPerNode = 100;

    public string Name => "schedule";

    public string Summary => "decide and reserve over 100, 1,000 and 10,000 nodes of 100 containers beside a naive LINQ reference";

    public async Task RunAsync(Report report, bool quick, CancellationToken cancellationToken)
    {
        var time = TimeSpan.FromMilliseconds(quick ? 20 : 300);
        var containers = quick ? 5 : ContainersPerNode;
        var costs = new Dictionary<(SchedulingCase Case, int Nodes), double>();

        // Once for all cases: the first one would otherwise be measured while its code is still being compiled.
        foreach (var what in Enum.GetValues<SchedulingCase>())
        {
            var warm = new BenchCluster(what, 200, 5);
            _ = PerSecond(new IndexedScheduler(warm).Place, time * 2);
            _ = PerSecond(new NaiveScheduler(warm).Place, time);
        }

        foreach (var nodes in (int[])[100, 1_000, 10_000])
        {
            foreach (var what in Enum.GetValues<SchedulingCase>())
            {
                var cluster = new BenchCluster(what, nodes, what == SchedulingCase.MixedSizes ? Math.Max(1, containers / 4) : containers);
                var ours = new IndexedScheduler(cluster);
                var naive = new NaiveScheduler(cluster);
                _ = PerSecond(ours.Place, time * 4);
                var result = await Measuring.Pairs.RunAsync(
                    quick ? 1 : Pairs,
                    _ => Task.FromResult(PerSecond(ours.Place, time)),
                    _ => Task.FromResult(PerSecond(naive.Place, time)),
                    cancellationToken);
                costs[(what, nodes)] = 1e6 / result.Ours;
                var name = string.Create(CultureInfo.InvariantCulture, $"schedule {nodes:#,0} nodes, {NameOf(what)}");
                report.Add(Figure.Compared(name + " / LINQ", result, "/s", nodes == 10_000 && what == SchedulingCase.Plain ? Bar.AtLeast(50) : null));
                if (nodes == 10_000)
                {
                    report.Add(Figure.Of(name, result.Ours, "/s", GoalOf(what) is { } goal ? Bar.AtLeast(goal) : null));
                    if (what is SchedulingCase.Plain or SchedulingCase.MemoryAndConstraint)
                    {
                        report.Add(Figure.Of($"schedule cost at 10,000 / at 100 nodes, {NameOf(what)}", costs[(what, nodes)] / costs[(what, 100)], "", Bar.AtMost(3)));
                    }

                    if (what == SchedulingCase.NearlyFull)
                    {
                        ExplainWhole(report, ours);
                    }
                }
            }
        }
    }

    private static void ExplainWhole(Report report, IndexedScheduler cluster)
    {
        var best = double.MaxValue;
        for (var i = 0; i < 5; i++)
        {
            var started = Stopwatch.GetTimestamp();
            _ = cluster.Index.Explain(cluster.Request());
            best = Math.Min(best, Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        }

        report.Add(Figure.Of("full explanation of 10,000 nodes, 97 % full", best, "ms", Bar.AtMost(50)));
    }

    private static double? GoalOf(SchedulingCase what) => what switch
    {
        SchedulingCase.Plain or SchedulingCase.MemoryAndConstraint => 200_000,
        SchedulingCase.MixedSizes or SchedulingCase.NearlyFull or SchedulingCase.ContainerAffinity => 50_000,
        _ => null,
    };

    private static string NameOf(SchedulingCase what) => what switch
    {
        SchedulingCase.MemoryAndConstraint => "memory and a constraint",
        SchedulingCase.OneZone => "memory in one zone only",
        SchedulingCase.MixedSizes => "mixed sizes, CPU and memory",
        SchedulingCase.NearlyFull => "memory, 97 % full",
        SchedulingCase.ContainerAffinity => "container affinity",
        SchedulingCase.LabelAntiAffinity => "label anti-affinity",
        SchedulingCase.Soft => "two soft expressions",
        _ => "plain",
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
