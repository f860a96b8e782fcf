using System.Globalization;
using ControlPlane.Bench.Measuring;
using ControlPlane.Bench.Parties;
using ControlPlane.Lab;

namespace ControlPlane.Bench.Benchmarks;

/// <summary>What the native agent costs its host, beside the engine it serves.</summary>
internal sealed class AgentBenchmark : IBenchmark
{
    private const int Containers = 20;

    public string Name => "agent";

    public string Summary => "the native agent with 20 containers on a real engine: memory, CPU, size, start until Ready";

    public async Task RunAsync(Report report, bool quick, CancellationToken cancellationToken)
    {
        await using var cluster = await LabCluster.StartAsync(
            new LabOptions { Directory = LabDirectory.CreateTemporary(), Nodes = 1 }, cancellationToken);
        var node = cluster.Nodes[0];
        using var rest = new RestClient(cluster.Server);
        await Parallel.ForEachAsync(
            Enumerable.Range(0, quick ? 2 : Containers), new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = cancellationToken },
            async (_, token) => await rest.RunAsync(token));
        var agent = node.AgentPid ?? throw new InvalidOperationException("The agent has ended.");
        await Task.Delay(TimeSpan.FromSeconds(quick ? 1 : 5), TimeProvider.System, cancellationToken);
        var cpu = await Machine.CpuPercentAsync(agent, TimeSpan.FromSeconds(quick ? 2 : 30), cancellationToken);
        var memory = Machine.ResidentKilobytes(agent) / 1024;
        var engine = node.EnginePid is { } pid ? Machine.ResidentKilobytes(pid) / 1024 : double.NaN;
        report.Add(Figure.Of("agent memory, 20 containers", memory, "MB", Bar.AtMost(40), string.Create(
            CultureInfo.InvariantCulture, $"{memory / engine:0.00} of its dockerd's {engine:0} MB")));
        report.Add(Figure.Of("agent CPU, of one core", cpu, "%", Bar.AtMost(0.5), "30 s without events; goal of our own"));
        report.Add(Figure.Of("agent binary", new FileInfo(Repository.AgentBinary).Length / 1024.0 / 1024, "MB", Bar.AtMost(20)));

        var starts = new Samples();
        for (var i = 0; i < (quick ? 1 : 5); i++)
        {
            starts.Add(await RestartAsync(node, rest, cancellationToken));
        }

        report.Add(Figure.Of("agent start until the node is Ready", starts.P50, "ms", Bar.AtMost(500), string.Create(
            CultureInfo.InvariantCulture, $"{starts.Count} starts, longest {starts.Max:0}; the lab's shells and the inventory in it; goal of our own")));
    }

    private static async Task<double> RestartAsync(LabNode node, RestClient rest, CancellationToken cancellationToken)
    {
        var clock = TimeProvider.System;
        await node.StopAgentAsync(cancellationToken);
        await UntilAsync(rest, "/api/v1/nodes?state=Unknown&limit=1", cancellationToken);
        var started = clock.GetTimestamp();
        await node.StartAgentAsync(cancellationToken);
        await UntilAsync(rest, "/api/v1/nodes?state=Ready&limit=1", cancellationToken);
        return clock.GetElapsedTime(started).TotalMilliseconds;
    }

    private static async Task UntilAsync(RestClient rest, string path, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(30));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(5), TimeProvider.System);
        while (await rest.CountAsync(path, limit.Token) != 1)
        {
            await timer.WaitForNextTickAsync(limit.Token);
        }
    }
}
