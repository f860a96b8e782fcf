using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using ControlPlane.Bench.Measuring;
using ControlPlane.Bench.Parties;
using ControlPlane.Bench.Simulation;

namespace ControlPlane.Bench.Benchmarks;

/// <summary>From an agent that has seen an engine's event to everybody who watches.</summary>
internal sealed class EventsBenchmark : IBenchmark
{
    private const int Subscribers = 50;
    private const int PerSecond = 10;

    public string Name => "events";

    public string Summary => "engine event to 50 subscribers at 10 events a second, and to the changed row in Chromium";

    public async Task RunAsync(Report report, bool quick, CancellationToken cancellationToken)
    {
        await using var server = await BenchServer.StartAsync([], cancellationToken);
        using var door = new AgentDoorClient(server.Process.LocalUrl, server.Process.CaPath);
        await using var fleet = new Fleet(door);
        await fleet.StartAsync(await server.CreateJoinTokenAsync(3, cancellationToken), 3, containersEach: 20, cancellationToken);
        await StreamAsync(report, server, fleet, quick, cancellationToken);
    }

    private static async Task StreamAsync(Report report, BenchServer server, Fleet fleet, bool quick, CancellationToken cancellationToken)
    {
        var sent = new ConcurrentDictionary<(string, int), long>();
        var latencies = new Samples();
        var readers = new List<EventReader>();
        try
        {
            for (var i = 0; i < Subscribers; i++)
            {
                var reader = new EventReader(server.Rest, (id, count, seen) =>
                {
                    if (sent.TryGetValue((id, count), out var at))
                    {
                        latencies.Add(Stopwatch.GetElapsedTime(at, seen).TotalMilliseconds);
                    }
                });
                readers.Add(reader);
                await reader.StartAsync(cancellationToken);
            }

            await SendAsync(fleet, sent, quick ? 10 : 100, cancellationToken);
            latencies.Clear();
            sent.Clear();
            var count = quick ? 20 : 300;
            var cpu = Machine.CpuPercentAsync(server.Pid, TimeSpan.FromSeconds((double)count / PerSecond * 0.9), cancellationToken);
            await SendAsync(fleet, sent, count, cancellationToken);
            await Lab.Deadline.HoldsWithinAsync(
                TimeSpan.FromSeconds(5), _ => Task.FromResult(latencies.Count == count * Subscribers), cancellationToken);
            var percent = await cpu;
            report.Add(Figure.Of("event to subscribers p99", latencies.P99, "ms", Bar.AtMost(150), string.Create(
                CultureInfo.InvariantCulture,
                $"{Subscribers} event streams, {PerSecond}/s, p50 {latencies.P50:0.0}; the readers share the machine; server CPU {percent:0} %")));
            report.Add(Figure.Of("events that a subscriber missed", (count * Subscribers) - latencies.Count, "", Bar.AtMost(0)));
        }
        finally
        {
            foreach (var reader in readers)
            {
                await reader.DisposeAsync();
            }
        }
    }

    private static async Task SendAsync(
        Fleet fleet, ConcurrentDictionary<(string, int), long> sent, int count, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1.0 / PerSecond), TimeProvider.System);
        var begin = (int)(Stopwatch.GetTimestamp() / Stopwatch.Frequency % 1_000_000) * 100;
        for (var i = 0; i < count && await timer.WaitForNextTickAsync(cancellationToken); i++)
        {
            var agent = fleet.Agents[i % fleet.Agents.Count];
            var container = SimulatedInventory.Container(SimulatedInventory.NodeName(i % fleet.Agents.Count), i % 20) with { RestartCount = begin + i };
            sent[(container.EngineId, container.RestartCount)] = Stopwatch.GetTimestamp();
            await agent.ChangeAsync(container, "restart", cancellationToken);
        }
    }
}
