using System.Diagnostics;
using System.Globalization;
using ControlPlane.Bench.Measuring;
using ControlPlane.Bench.Parties;
using ControlPlane.Lab;

namespace ControlPlane.Bench.Benchmarks;

/// <summary>The Docker endpoint over mutual TLS beside an engine's own socket, as ratios of one run.</summary>
internal sealed class DockerBenchmark : IBenchmark
{
    private const string LargeImage = "bench-large";
    private const int Follows = 200;

    private static readonly string[] Ends = ["true"];

    public string Name => "docker";

    public string Summary => "the Docker endpoint over mutual TLS on three nodes beside an engine's own socket";

    public async Task RunAsync(Report report, bool quick, CancellationToken cancellationToken)
    {
        await using var cluster = await LabCluster.StartAsync(new LabOptions { Directory = LabDirectory.CreateTemporary(), Nodes = 3 }, cancellationToken);
        using var ours = DockerParty.Endpoint(cluster.Server);
        var engines = cluster.Nodes.Select(node => DockerParty.Engine(node.EngineSocket)).ToList();
        try
        {
            await ListAsync(report, quick, ours, engines, cancellationToken);
            await ChangesAsync(report, quick, ours, engines, cancellationToken);
            await StreamsAsync(report, quick, ours, engines[0], cancellationToken);
            await FollowsAsync(report, quick, cluster, ours, cancellationToken);
        }
        finally
        {
            engines.ForEach(engine => engine.Dispose());
        }
    }

    private static async Task ListAsync(Report report, bool quick, DockerParty ours, List<DockerParty> engines, CancellationToken cancellationToken)
    {
        var each = quick ? 5 : 100;
        report.Say(string.Create(CultureInfo.InvariantCulture, $"{3 * each} containers"));
        var made = new List<(DockerParty Engine, string Id)>();
        foreach (var engine in engines)
        {
            for (var i = 0; i < each; i++)
            {
                made.Add((engine, await engine.CreateAsync(Ends, null, cancellationToken)));
            }
        }

        await Deadline.UntilAsync(
            "The list of all containers", TimeSpan.FromSeconds(30), async token => await ours.CountAsync("containers/json?all=1", token) == 3 * each, cancellationToken);
        var count = quick ? 5 : 60;
        await WarmAsync(quick ? 5 : 300, token => ours.ReadAsync("containers/json?all=1", token), cancellationToken);
        report.Add(Figure.Compared(
            "list 300 on 3 nodes / engine's own 100, p50", await CompareAsync(
                quick ? 1 : 8, count, token => ours.ReadAsync("containers/json?all=1", token), token => engines[0].ReadAsync("containers/json?all=1", token), cancellationToken),
            "ms", Bar.AtMost(0.20)));
        foreach (var (engine, id) in made)
        {
            await engine.RemoveAsync(id, cancellationToken);
        }
    }

    private static async Task ChangesAsync(Report report, bool quick, DockerParty ours, List<DockerParty> engines, CancellationToken cancellationToken)
    {
        var engine = engines[0];
        var (rounds, count) = quick ? (1, 2) : (6, 12);
        foreach (var party in (DockerParty[])[ours, engine])
        {
            await BlockAsync(quick ? 2 : 60, token => party.CreateAsync(Ends, party == ours ? "node-1" : null, token), party.RemoveAsync, cancellationToken);
        }

        report.Add(Figure.Compared(
            "create p50", await Pairs.RunAsync(
                rounds, token => BlockAsync(count, t => ours.CreateAsync(Ends, "node-1", t), ours.RemoveAsync, token), token => BlockAsync(count, t => engine.CreateAsync(Ends, null, t), engine.RemoveAsync, token),
                cancellationToken),
            "ms", Bar.AtMost(1.35)));
        report.Add(Figure.Compared(
            "8 clients creating on 3 nodes, p50", await Pairs.RunAsync(
                rounds, token => ParallelAsync(count, [ours], token), token => ParallelAsync(count, engines, token), cancellationToken),
            "ms", Bar.AtMost(1.40)));
        report.Add(Figure.Compared(
            "create+start+remove p50", await CompareAsync(
                quick ? 1 : 6, quick ? 2 : 8, token => LifeAsync(ours, "node-1", token), token => LifeAsync(engine, null, token), cancellationToken),
            "ms", Bar.AtMost(1.08)));
    }

    private static async Task StreamsAsync(Report report, bool quick, DockerParty ours, DockerParty engine, CancellationToken cancellationToken)
    {
        var bytes = quick ? 5_000_000L : 200_000_000L;
        var id = await ours.CreateAsync(["sh", "-c", string.Create(CultureInfo.InvariantCulture, $"head -c {bytes} /dev/urandom > /data; exec sleep 3600")], "node-1", cancellationToken);
        await ours.StartAsync(id, cancellationToken);
        await WarmAsync(quick ? 3 : 100, token => ours.ReadAsync($"containers/{id}/json", token), cancellationToken);
        await WarmAsync(quick ? 2 : 20, token => ours.ExecAsync(id, token), cancellationToken);
        report.Add(Figure.Compared(
            "inspect p50", await CompareAsync(
                quick ? 1 : 8, quick ? 5 : 60, token => ours.ReadAsync($"containers/{id}/json", token), token => engine.ReadAsync($"containers/{id}/json", token), cancellationToken),
            "ms", Bar.AtMost(2.6)));
        report.Add(Figure.Compared(
            "exec round trip p50", await CompareAsync(quick ? 1 : 6, quick ? 2 : 8, token => ours.ExecAsync(id, token), token => engine.ExecAsync(id, token), cancellationToken),
            "ms", Bar.AtMost(1.10)));
        report.Add(Figure.Compared(
            "exec -i cat, 200 MB", await Pairs.RunAsync(quick ? 1 : 4, token => ours.CatAsync(id, bytes, token), token => engine.CatAsync(id, bytes, token), cancellationToken),
            "MB/s", Bar.AtLeast(0.65)));
        await engine.CommitAsync(id, LargeImage, cancellationToken);
        await Deadline.UntilAsync(
            "The large image in the list", TimeSpan.FromSeconds(30),
            async token => await ours.CountAsync("images/json?filters=" + Uri.EscapeDataString($"{{\"reference\":[\"{LargeImage}\"]}}"), token) == 1, cancellationToken);
        report.Add(Figure.Compared(
            "docker save, 200 MB", await Pairs.RunAsync(
                quick ? 1 : 4, token => ours.SaveAsync(LargeImage + ":v1", token), token => engine.SaveAsync(LargeImage + ":v1", token), cancellationToken),
            "MB/s", Bar.AtLeast(0.70)));
        await ours.RemoveAsync(id, cancellationToken);
    }

    private static async Task FollowsAsync(Report report, bool quick, LabCluster cluster, DockerParty ours, CancellationToken cancellationToken)
    {
        var ids = new List<string>();
        foreach (var node in cluster.Nodes)
        {
            ids.Add(await ours.CreateAsync(["sh", "-c", "while :; do echo tick; sleep 1; done"], node.Name, cancellationToken));
            await ours.StartAsync(ids[^1], cancellationToken);
        }

        var open = new List<Stream>();
        try
        {
            // The first ones pay for code that is compiled and pools that are filled.
            for (var i = 0; i < 20; i++)
            {
                open.Add(await ours.FollowAsync(ids[i % 3], cancellationToken));
            }

            var before = Resident(cluster);
            for (var i = 0; i < (quick ? 10 : Follows); i++)
            {
                open.Add(await ours.FollowAsync(ids[i % 3], cancellationToken));
            }

            await Task.Delay(TimeSpan.FromSeconds(quick ? 1 : 10), TimeProvider.System, cancellationToken);
            var after = Resident(cluster);
            report.Add(Figure.Of(
                "memory of 200 followed logs on 3 nodes", (after.Server - before.Server) / 1024, "MB", Bar.AtMost(100),
                string.Create(CultureInfo.InvariantCulture, $"server; agents {(after.Agents - before.Agents) / 1024:0.0} MB together")));
        }
        finally
        {
            foreach (var stream in open)
            {
                await stream.DisposeAsync();
            }
        }
    }

    private static (double Server, double Agents) Resident(LabCluster cluster) =>
        (Machine.ResidentKilobytes(cluster.Server.Pid!.Value), cluster.Nodes.Sum(node => Machine.ResidentKilobytes(node.AgentPid!.Value)));

    private static async Task LifeAsync(DockerParty party, string? node, CancellationToken cancellationToken)
    {
        var id = await party.CreateAsync(Ends, node, cancellationToken);
        await party.StartAsync(id, cancellationToken);
        await party.RemoveAsync(id, cancellationToken);
    }

    private static async Task WarmAsync(int count, Func<CancellationToken, Task> call, CancellationToken cancellationToken)
    {
        for (var i = 0; i < count; i++)
        {
            await call(cancellationToken);
        }
    }

    private static Task<Pairs> CompareAsync(int rounds, int count, Func<CancellationToken, Task> ours, Func<CancellationToken, Task> theirs, CancellationToken cancellationToken) =>
        Pairs.RunAsync(rounds, token => MedianAsync(count, ours, token), token => MedianAsync(count, theirs, token), cancellationToken);

    private static async Task<double> MedianAsync(int count, Func<CancellationToken, Task> call, CancellationToken cancellationToken)
    {
        var samples = new Samples();
        for (var i = 0; i < count; i++)
        {
            var started = Stopwatch.GetTimestamp();
            await call(cancellationToken);
            samples.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        }

        return samples.P50;
    }

    /// <summary>The median of a block; what it made is removed outside of the measurement.</summary>
    private static async Task<double> BlockAsync(
        int count, Func<CancellationToken, Task<string>> create, Func<string, CancellationToken, Task> remove, CancellationToken cancellationToken)
    {
        var made = new List<string>();
        var median = await MedianAsync(count, async token => made.Add(await create(token)), cancellationToken);
        foreach (var id in made)
        {
            await remove(id, cancellationToken);
        }

        return median;
    }

    /// <summary>Eight at once, each its share, all over the parties.</summary>
    private static async Task<double> ParallelAsync(int each, List<DockerParty> parties, CancellationToken cancellationToken)
    {
        var samples = new Samples();
        var made = await Task.WhenAll(Enumerable.Range(0, 8).Select(async client =>
        {
            var own = new List<(DockerParty Party, string Id)>();
            for (var i = 0; i < each; i++)
            {
                var party = parties[(client + i) % parties.Count];
                var started = Stopwatch.GetTimestamp();
                own.Add((party, await party.CreateAsync(Ends, null, cancellationToken)));
                samples.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            }

            return own;
        }));
        foreach (var (party, id) in made.SelectMany(own => own))
        {
            await party.RemoveAsync(id, cancellationToken);
        }

        return samples.P50;
    }
}
