using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using ControlPlane.Bench.Measuring;
using ControlPlane.Bench.Parties;
using ControlPlane.Lab;

namespace ControlPlane.Bench.Benchmarks;

/// <summary>Sixty creates at once over three nodes, beside the best rate that the three engines reach directly.</summary>
internal sealed class BurstBenchmark : IBenchmark
{
    private static readonly int[] InFlight = [1, 4, 8, 16];

    public string Name => "burst";

    public string Summary => "60 containers over three nodes at once through REST beside the best direct parallel rate";

    public async Task RunAsync(Report report, bool quick, CancellationToken cancellationToken)
    {
        await using var cluster = await LabCluster.StartAsync(
            new LabOptions { Directory = LabDirectory.CreateTemporary(), Nodes = 3 }, cancellationToken);
        using var rest = new RestClient(cluster.Server);
        var engines = cluster.Nodes.Select(node => new EngineClient(node.EngineSocket)).ToList();
        try
        {
            var count = quick ? 6 : 60;
            await RestAsync(rest, Math.Min(count, 12), cancellationToken);
            var rates = new Dictionary<int, double>();
            foreach (var inFlight in quick ? [4] : InFlight)
            {
                rates[inFlight] = await DirectAsync(engines, Math.Min(count, 30), inFlight, cancellationToken);
                report.Say(string.Create(CultureInfo.InvariantCulture, $"directly, {inFlight} in flight over the three: {rates[inFlight]:0.0}/s"));
            }

            var best = rates.MaxBy(rate => rate.Value).Key;
            var pairs = await Pairs.RunAsync(
                quick ? 1 : 5,
                token => RestAsync(rest, count, token),
                token => DirectAsync(engines, count, best, token),
                cancellationToken);
            report.Add(Figure.Compared(
                $"burst of {count} over 3 nodes, REST / engines", pairs, "/s", Bar.AtLeast(0.85), $"directly {best} in flight, the best of {string.Join(' ', rates.Keys)}"));
        }
        finally
        {
            engines.ForEach(engine => engine.Dispose());
        }
    }

    private static Task<double> RestAsync(RestClient rest, int count, CancellationToken cancellationToken) => RateAsync(
        count, inFlight: count, (_, token) => rest.RunAsync(token), (_, id, token) => rest.RemoveAsync(id, token), cancellationToken);

    private static Task<double> DirectAsync(List<EngineClient> engines, int count, int inFlight, CancellationToken cancellationToken) => RateAsync(
        count, inFlight,
        (index, token) => engines[index % engines.Count].RunAsync(token),
        (index, id, token) => engines[index % engines.Count].RemoveAsync(id, token),
        cancellationToken);

    private static async Task<double> RateAsync(
        int count, int inFlight, Func<int, CancellationToken, Task<string>> run, Func<int, string, CancellationToken, Task> remove, CancellationToken cancellationToken)
    {
        var made = new ConcurrentDictionary<int, string>();
        var started = Stopwatch.GetTimestamp();
        await Parallel.ForEachAsync(
            Enumerable.Range(0, count), new ParallelOptions { MaxDegreeOfParallelism = inFlight, CancellationToken = cancellationToken },
            async (index, token) => made[index] = await run(index, token));
        var rate = count / Stopwatch.GetElapsedTime(started).TotalSeconds;
        await Parallel.ForEachAsync(
            made, new ParallelOptions { MaxDegreeOfParallelism = 6, CancellationToken = cancellationToken },
            async (item, token) => await remove(item.Key, item.Value, token));
        return rate;
    }
}
