using System.Diagnostics;
using ControlPlane.Bench.Measuring;
using ControlPlane.Bench.Parties;
using ControlPlane.Bench.Simulation;

namespace ControlPlane.Bench.Benchmarks;

/// <summary>The control plane's own path: everything of a create except the engine.</summary>
internal sealed class CommandBenchmark : IBenchmark
{
    private const int Parallelism = 16;

    public string Name => "command";

    public string Summary => "POST /containers on SQLite with agents that answer at once";

    public async Task RunAsync(Report report, bool quick, CancellationToken cancellationToken)
    {
        await using var server = await BenchServer.StartAsync([], cancellationToken);
        using var door = new AgentDoorClient(server.Process.LocalUrl, server.Process.CaPath);
        await using var fleet = new Fleet(door);
        await fleet.StartAsync(await server.CreateJoinTokenAsync(3, cancellationToken), 3, containersEach: 0, cancellationToken);
        var rest = server.Rest;
        var perBlock = quick ? 20 : 250;

        // The compiler of the server needs about a thousand calls before its code is as fast as it gets.
        for (var i = 0; i < (quick ? 20 : 1_500); i++)
        {
            await rest.RunAsync(cancellationToken);
        }

        await ParallelAsync(rest, quick ? 20 : 500, cancellationToken);
        var all = new Samples();
        var pairs = await Pairs.RunAsync(
            quick ? 1 : 6,
            token => BlockAsync(t => rest.RunAsync(t), perBlock, all, token),
            token => BlockAsync(t => rest.GetAsync("/healthz/live", t), perBlock, samples: null, token),
            cancellationToken);
        report.Add(Figure.Of("command path p50, stub agent", all.P50, "ms", Bar.AtMost(3), $"{all.Count} calls; bare HTTPS request beside it {pairs.Baseline:0.00} ms"));
        report.Add(Figure.Of("command path p99, stub agent", all.P99, "ms", Bar.AtMost(8), "bar is a goal of our own"));

        var rates = new Samples();
        for (var i = 0; i < (quick ? 1 : 5); i++)
        {
            rates.Add(await ParallelAsync(rest, quick ? 50 : 1_000, cancellationToken));
        }

        report.Add(Figure.Of("commands per second, 16 at once", rates.P50, "/s", bar: null, "five rounds of 1,000; the client shares the machine"));
    }

    private static async Task<double> BlockAsync(Func<CancellationToken, Task> call, int count, Samples? samples, CancellationToken cancellationToken)
    {
        var own = new Samples();
        for (var i = 0; i < count; i++)
        {
            var started = Stopwatch.GetTimestamp();
            await call(cancellationToken);
            own.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        }

        samples?.AddRange(own);
        return own.P50;
    }

    private static async Task<double> ParallelAsync(RestClient rest, int count, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        await Parallel.ForEachAsync(
            Enumerable.Range(0, count), new ParallelOptions { MaxDegreeOfParallelism = Parallelism, CancellationToken = cancellationToken },
            async (_, token) => await rest.RunAsync(token));
        return count / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }
}
