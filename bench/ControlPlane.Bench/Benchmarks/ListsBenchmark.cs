using System.Globalization;
using ControlPlane.Bench.Measuring;
using ControlPlane.Bench.Parties;
using ControlPlane.Bench.Simulation;

namespace ControlPlane.Bench.Benchmarks;

/// <summary>The first page of a full cluster, beside the same request to an empty one.</summary>
internal sealed class ListsBenchmark : IBenchmark
{
    private const int PerSecond = 50;
    private const int ContainersEach = 30;
    private const string FirstPage = "/api/v1/containers";

    public string Name => "lists";

    public string Summary => "first page (50) of 30,000 containers at 50 requests a second: plain, filtered, sorted; beside an empty cluster";

    public async Task RunAsync(Report report, bool quick, CancellationToken cancellationToken)
    {
        var nodes = quick ? 20 : 1_000;
        await using var full = await BenchServer.StartAsync(["--Nodes:Monitor:HeartbeatSeconds", "10"], cancellationToken);
        await using var empty = await BenchServer.StartAsync([], cancellationToken);
        await using var fleet = await FleetProcess.StartAsync(
            full.Process.LocalUrl, full.Process.CaPath, await full.CreateJoinTokenAsync(nodes, cancellationToken), nodes, ContainersEach, cancellationToken);
        var containers = await full.Rest.CountAsync("/api/v1/containers?limit=1", cancellationToken);
        report.Say(string.Create(CultureInfo.InvariantCulture, $"{nodes} nodes, {containers} containers"));
        var block = TimeSpan.FromSeconds(quick ? 1 : 4);
        await OpenLoop.RunAsync(PerSecond, block * 2, token => full.Rest.GetAsync(FirstPage, token), cancellationToken);
        await OpenLoop.RunAsync(PerSecond, block, token => empty.Rest.GetAsync(FirstPage, token), cancellationToken);

        // Also the plainest request that there is: what TLS, sign-in and this machine's load cost alone.
        var bare = await OpenLoop.RunAsync(PerSecond, block, token => full.Rest.GetAsync("/healthz/live", token), cancellationToken);
        var scale = string.Create(CultureInfo.InvariantCulture, $"{containers:#,0} containers");
        var all = new Samples();
        var pairs = await Pairs.RunAsync(
            quick ? 1 : 6,
            token => BlockAsync(full, FirstPage, block, all, token),
            token => BlockAsync(empty, FirstPage, block, samples: null, token),
            cancellationToken);
        report.Add(Figure.Of("first page p99", all.P99, "ms", Bar.AtMost(15), string.Create(
            CultureInfo.InvariantCulture, $"{scale}, {all.Count} requests at {PerSecond}/s, p50 {all.P50:0.0}; bare request p99 {bare.P99:0.0}")));
        report.Add(Figure.Compared("first page p50, full / empty cluster", pairs, "ms", Bar.AtMost(2), "goal of our own"));
        (string What, string Path)[] others =
        [
            ("first page filtered by state and label", FirstPage + "?state=exited&label=tier=back"),
            ("first page filtered by text", FirstPage + "?q=web-sim-07"),
            ("first page sorted by name", FirstPage + "?sort=name"),
            ("first page of the nodes", "/api/v1/nodes"),
        ];
        foreach (var (what, path) in others)
        {
            await OpenLoop.RunAsync(PerSecond, block / 2, token => full.Rest.GetAsync(path, token), cancellationToken);
            var samples = await OpenLoop.RunAsync(PerSecond, block * 2, token => full.Rest.GetAsync(path, token), cancellationToken);
            report.Add(Figure.Of(what + " p99", samples.P99, "ms", Bar.AtMost(25), string.Create(
                CultureInfo.InvariantCulture, $"{scale}, p50 {samples.P50:0.0}; goal of our own")));
        }

        var cpu = await LoadedCpuAsync(full, block, cancellationToken);
        report.Add(Figure.Of("server CPU at 50 first pages a second", cpu, "%", bar: null, "of one core, the agents' heartbeats in it"));
        report.Add(Figure.Of("server memory with 30,000 containers", Machine.ResidentKilobytes(full.Pid) / 1024, "MB", Bar.AtMost(600), "goal of our own"));
    }

    private static async Task<double> BlockAsync(
        BenchServer server, string path, TimeSpan time, Samples? samples, CancellationToken cancellationToken)
    {
        var own = await OpenLoop.RunAsync(PerSecond, time, token => server.Rest.GetAsync(path, token), cancellationToken);
        samples?.AddRange(own);
        return own.P50;
    }

    private static async Task<double> LoadedCpuAsync(BenchServer server, TimeSpan time, CancellationToken cancellationToken)
    {
        var load = OpenLoop.RunAsync(PerSecond, time, token => server.Rest.GetAsync(FirstPage, token), cancellationToken);
        var cpu = await Machine.CpuPercentAsync(server.Pid, time * 0.9, cancellationToken);
        await load;
        return cpu;
    }
}
