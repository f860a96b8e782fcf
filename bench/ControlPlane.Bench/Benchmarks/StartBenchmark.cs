using System.Globalization;
using ControlPlane.Bench.Measuring;
using ControlPlane.Bench.Parties;
using ControlPlane.Bench.Simulation;

namespace ControlPlane.Bench.Benchmarks;

/// <summary>A start with a database that has something in it.</summary>
internal sealed class StartBenchmark : IBenchmark
{
    private const int Nodes = 20;
    private const int Containers = 500;
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(10);

    public string Name => "start";

    public string Summary => "start of the server with an existing database until /healthz/ready answers, and its memory";

    public async Task RunAsync(Report report, bool quick, CancellationToken cancellationToken)
    {
        await using var server = await BenchServer.StartAsync([], cancellationToken);
        var containers = quick ? 20 : Containers;
        await FillAsync(server, containers, cancellationToken);
        var samples = new Samples();
        for (var i = 0; i < (quick ? 1 : 5); i++)
        {
            await server.Process.StopAsync(cancellationToken);
            samples.Add(await StartAsync(server, cancellationToken));
        }

        var circumstances = string.Create(CultureInfo.InvariantCulture, $"{samples.Count} starts, longest {samples.Max:0.00} s; {Nodes} nodes, {containers} containers kept");
        report.Add(Figure.Of("start until ready", samples.P50, "s", Bar.AtMost(2), circumstances));
        report.Add(Figure.Of("server memory after start", Machine.ResidentKilobytes(server.Pid) / 1024, "MB", Bar.AtMost(180), "goal of our own"));
    }

    private static async Task FillAsync(BenchServer server, int containers, CancellationToken cancellationToken)
    {
        using var door = new AgentDoorClient(server.Process.LocalUrl, server.Process.CaPath);
        await using var fleet = new Fleet(door);
        await fleet.StartAsync(await server.CreateJoinTokenAsync(Nodes, cancellationToken), Nodes, containersEach: 2, cancellationToken);
        await Parallel.ForEachAsync(
            Enumerable.Range(0, containers), new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = cancellationToken },
            async (_, token) => await server.Rest.RunAsync(token));
    }

    /// <summary>From the start of the process until the first good answer, in seconds.</summary>
    private static async Task<double> StartAsync(BenchServer server, CancellationToken cancellationToken)
    {
        var clock = TimeProvider.System;
        using var client = new RestClient(server.Process);
        var started = clock.GetTimestamp();
        var starting = server.Process.StartAsync(cancellationToken);
        using var timer = new PeriodicTimer(Period, clock);
        while (!starting.IsCompleted && !await IsReadyAsync(client, cancellationToken))
        {
            await timer.WaitForNextTickAsync(cancellationToken);
        }

        var taken = clock.GetElapsedTime(started).TotalSeconds;
        await starting;
        return taken;
    }

    private static async Task<bool> IsReadyAsync(RestClient client, CancellationToken cancellationToken)
    {
        try
        {
            await client.GetAsync("/healthz/ready", cancellationToken);
            return true;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
