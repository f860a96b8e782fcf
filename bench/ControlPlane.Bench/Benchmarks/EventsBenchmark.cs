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
    private const int ContainersEach = 20;

    private static int _serial;

    public string Name => "events";

    public string Summary => "engine event to 50 subscribers at 10 events a second, and to the changed row in Chromium";

    public async Task RunAsync(Report report, bool quick, CancellationToken cancellationToken)
    {
        await using var server = await BenchServer.StartAsync([], cancellationToken);
        using var door = new AgentDoorClient(server.Process.LocalUrl, server.Process.CaPath);
        await using var fleet = new Fleet(door);
        await fleet.StartAsync(await server.CreateJoinTokenAsync(3, cancellationToken), 3, ContainersEach, cancellationToken);
        await StreamAsync(report, server, fleet, quick, cancellationToken);
        await HubAsync(report, server, fleet, quick, cancellationToken);
        if (DashboardPage.IsInstalled)
        {
            await BrowserAsync(report, server, fleet, quick, cancellationToken);
        }
        else
        {
            report.Say($"no {DashboardPage.Chromium}: the way to the row is not measured");
        }
    }

    /// <summary>Pages at the hub are told of ids, several changes at once when there are many.</summary>
    private static async Task HubAsync(Report report, BenchServer server, Fleet fleet, bool quick, CancellationToken cancellationToken)
    {
        var sent = new ConcurrentDictionary<string, long>(StringComparer.Ordinal);
        var latencies = new Samples();
        string[] ids = [.. Enumerable.Range(0, fleet.Agents.Count)
            .SelectMany(node => SimulatedInventory.Of(SimulatedInventory.NodeName(node), ContainersEach)).Select(container => container.EngineId)];
        var readers = new List<HubReader>();
        try
        {
            for (var i = 0; i < Subscribers; i++)
            {
                var reader = new HubReader(server.Process, changed =>
                {
                    foreach (var id in changed)
                    {
                        if (sent.TryGetValue(id, out var at))
                        {
                            latencies.Add(Stopwatch.GetElapsedTime(at).TotalMilliseconds);
                        }
                    }
                });
                readers.Add(reader);
                await reader.StartAsync(ids, cancellationToken);
            }

            await SendAsync(fleet, quick ? 10 : 100, (container, at) => sent[container.EngineId] = at, cancellationToken);
            await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, cancellationToken);
            latencies.Clear();
            var count = quick ? 20 : 300;
            await SendAsync(fleet, count, (container, at) => sent[container.EngineId] = at, cancellationToken);
            await Lab.Deadline.HoldsWithinAsync(
                TimeSpan.FromSeconds(5), _ => Task.FromResult(latencies.Count >= count * Subscribers), cancellationToken);
            report.Add(Figure.Of("event to the dashboard's hub p99", latencies.P99, "ms", Bar.AtMost(150), string.Create(
                CultureInfo.InvariantCulture, $"{Subscribers} pages, {PerSecond}/s, p50 {latencies.P50:0.0}, {latencies.Count} of {count * Subscribers} told")));
        }
        finally
        {
            foreach (var reader in readers)
            {
                await reader.DisposeAsync();
            }
        }
    }

    private static async Task BrowserAsync(Report report, BenchServer server, Fleet fleet, bool quick, CancellationToken cancellationToken)
    {
        await using var page = await DashboardPage.OpenAsync(server);
        var id = await page.AnyAsync();
        var (agent, container) = Find(fleet, id);
        var samples = new Samples();
        for (var i = 0; i < (quick ? 3 : 20); i++)
        {
            var state = await page.StateOfAsync(id) == "exited" ? "running" : "exited";
            var changed = container with { State = state, RestartCount = 1_000_000 + i };
            samples.Add(await page.TimeAsync(id, state, () => agent.ChangeAsync(changed, state == "exited" ? "die" : "start", cancellationToken)));

            // Not in step with the page's own second.
            await Task.Delay(TimeSpan.FromMilliseconds(300 + (Random.Shared.NextDouble() * 900)), TimeProvider.System, cancellationToken);
        }

        report.Add(Figure.Of("event to the changed row in Chromium, worst", samples.Max, "ms", Bar.AtMost(1_500), string.Create(
            CultureInfo.InvariantCulture, $"{samples.Count} changes, p50 {samples.P50:0}")));
    }

    private static (SimulatedAgent Agent, Contracts.Agents.ContainerReport Container) Find(Fleet fleet, string id)
    {
        for (var node = 0; node < fleet.Agents.Count; node++)
        {
            if (SimulatedInventory.Of(SimulatedInventory.NodeName(node), ContainersEach).FirstOrDefault(container => container.EngineId == id) is { } found)
            {
                return (fleet.Agents[node], found);
            }
        }

        throw new InvalidOperationException("The page shows a container that no simulated agent has.");
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

            await SendAsync(fleet, quick ? 10 : 100, (container, at) => sent[(container.EngineId, container.RestartCount)] = at, cancellationToken);
            latencies.Clear();
            sent.Clear();
            var count = quick ? 20 : 300;
            var cpu = Machine.CpuPercentAsync(server.Pid, TimeSpan.FromSeconds((double)count / PerSecond * 0.9), cancellationToken);
            await SendAsync(fleet, count, (container, at) => sent[(container.EngineId, container.RestartCount)] = at, cancellationToken);
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
        Fleet fleet, int count, Action<Contracts.Agents.ContainerReport, long> sending, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1.0 / PerSecond), TimeProvider.System);
        for (var i = 0; i < count && await timer.WaitForNextTickAsync(cancellationToken); i++)
        {
            var node = i % fleet.Agents.Count;
            var serial = Interlocked.Increment(ref _serial);
            var container = SimulatedInventory.Container(SimulatedInventory.NodeName(node), i % ContainersEach) with { RestartCount = serial };
            sending(container, Stopwatch.GetTimestamp());
            await fleet.Agents[node].ChangeAsync(container, "restart", cancellationToken);
        }
    }
}
