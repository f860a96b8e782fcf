using System.Globalization;
using ControlPlane.Bench.Measuring;
using ControlPlane.Bench.Parties;
using ControlPlane.Bench.Simulation;
using ControlPlane.Lab;

namespace ControlPlane.Bench.Benchmarks;

/// <summary>What a thousand quiet nodes cost the server, and how they come back after it was killed.</summary>
internal sealed class AgentsBenchmark : IBenchmark
{
    private const int ContainersEach = 3;
    private const int HeartbeatSeconds = 5;

    public string Name => "agents";

    public string Summary => "1,000 simulated agents with TLS and tickets, heartbeat every 5 s: CPU, memory, ping, storm after a kill";

    public async Task RunAsync(Report report, bool quick, CancellationToken cancellationToken)
    {
        var agents = quick ? 50 : 1_000;
        await using var server = await BenchServer.StartAsync(
            ["--Nodes:Monitor:HeartbeatSeconds", HeartbeatSeconds.ToString(CultureInfo.InvariantCulture)], cancellationToken);
        await WarmUpAsync(server, cancellationToken);
        var emptyMemory = Machine.ResidentKilobytes(server.Pid);
        var emptyCpu = await Machine.CpuPercentAsync(server.Pid, TimeSpan.FromSeconds(quick ? 1 : 10), cancellationToken);
        await using var fleet = await FleetProcess.StartAsync(
            server.Process.LocalUrl, server.Process.CaPath, await server.CreateJoinTokenAsync(agents, cancellationToken),
            agents, ContainersEach, cancellationToken);
        report.Say(string.Create(CultureInfo.InvariantCulture, $"{agents} joined and synced"));
        await Task.Delay(TimeSpan.FromSeconds(quick ? 1 : 15), TimeProvider.System, cancellationToken);
        _ = await fleet.StatusAsync(cancellationToken);
        var cpu = await Machine.CpuPercentAsync(server.Pid, TimeSpan.FromSeconds(quick ? 6 : 60), cancellationToken);
        var memory = Machine.ResidentKilobytes(server.Pid);
        var status = await fleet.StatusAsync(cancellationToken);
        var held = await HeapAsync(server, cancellationToken);
        var scale = string.Create(CultureInfo.InvariantCulture, $"{agents:#,0} agents, {ContainersEach} containers each, heartbeat {HeartbeatSeconds} s");
        report.Add(Figure.Of("agents: server CPU, of one core", cpu, "%", Bar.AtMost(15), string.Create(CultureInfo.InvariantCulture, $"{scale}; empty {emptyCpu:0.0} %")));
        report.Add(Figure.Of(
            "agents: memory each, session only", (memory - emptyMemory) / agents, "KB", Bar.AtMost(100),
            string.Create(CultureInfo.InvariantCulture, $"server {memory / 1024:0} MB, empty {emptyMemory / 1024:0} MB, managed heap {held:0} MB")));
        report.Add(Figure.Of("agents: hub ping p50", status.PingP50, "ms", bar: null, $"{status.Pings} heartbeats"));
        report.Add(Figure.Of("agents: hub ping p99", status.PingP99, "ms", Bar.AtMost(25), "bar is a goal of our own"));

        await StormAsync(report, server, fleet, agents, cancellationToken);
        await Task.Delay(TimeSpan.FromSeconds(quick ? 1 : 15), TimeProvider.System, cancellationToken);
        var again = Machine.ResidentKilobytes(server.Pid);
        var heap = await HeapAsync(server, cancellationToken);
        report.Add(Figure.Of(
            "agents: memory each, after the restart", (again - emptyMemory) / agents, "KB", bar: null,
            string.Create(CultureInfo.InvariantCulture, $"no joins in it; server {again / 1024:0} MB, managed heap {heap:0} MB")));

        _ = await fleet.OpenTunnelsAsync(2, cancellationToken);
        await Task.Delay(TimeSpan.FromSeconds(quick ? 1 : 5), TimeProvider.System, cancellationToken);
        var withTunnels = Machine.ResidentKilobytes(server.Pid);
        report.Add(Figure.Of(
            "agents: memory each, with 2 warm tunnels", (withTunnels - emptyMemory) / agents, "KB", bar: null,
            string.Create(CultureInfo.InvariantCulture, $"after the restart; server {withTunnels / 1024:0} MB")));
    }

    private static async Task StormAsync(
        Report report, BenchServer server, FleetProcess fleet, int agents, CancellationToken cancellationToken)
    {
        var clock = TimeProvider.System;
        await server.Process.KillAsync(cancellationToken);
        var killed = clock.GetTimestamp();

        // The kernel lets go of a thousand connections after the process counts as ended.
        await Deadline.UntilAsync(
            "The release of the server's port", TimeSpan.FromSeconds(10), _ => Task.FromResult(FreePort.IsFree(server.Process.Port)), cancellationToken);
        await server.Process.StartAsync(cancellationToken);
        var ready = clock.GetElapsedTime(killed);
        await Deadline.UntilAsync(
            "The return of every agent", TimeSpan.FromSeconds(90),
            async token => (await fleet.StatusAsync(token)).Synced == agents
                && await server.Rest.CountAsync("/api/v1/nodes?state=Ready&limit=1", token) == agents,
            cancellationToken);
        report.Add(Figure.Of(
            "agents: kill -9 of the server until all Ready", clock.GetElapsedTime(killed).TotalSeconds, "s", Bar.AtMost(20),
            string.Create(CultureInfo.InvariantCulture, $"of it {ready.TotalSeconds:0.0} s until the server was up; goal of our own")));
    }

    /// <summary>Managed heap in MB, garbage included, as the server's own metrics say; what is beyond it is native: TLS, the runtime, SQLite.</summary>
    private static async Task<double> HeapAsync(BenchServer server, CancellationToken cancellationToken)
    {
        const string metric = "dotnet_total_memory_bytes ";
        var text = await server.Rest.Http.GetStringAsync(new Uri("/metrics", UriKind.Relative), cancellationToken);
        return text.Split('\n').FirstOrDefault(line => line.StartsWith(metric, StringComparison.Ordinal)) is { } line
            ? double.Parse(line[metric.Length..], CultureInfo.InvariantCulture) / 1024 / 1024
            : double.NaN;
    }

    /// <summary>What the server compiles and keeps anyway shall not count as the agents'.</summary>
    private static async Task WarmUpAsync(BenchServer server, CancellationToken cancellationToken)
    {
        for (var i = 0; i < 300; i++)
        {
            await server.Rest.GetAsync("/api/v1/containers", cancellationToken);
            await server.Rest.GetAsync("/api/v1/nodes", cancellationToken);
        }
    }
}
