using System.Diagnostics;
using ControlPlane.Bench.Measuring;
using ControlPlane.Bench.Parties;
using ControlPlane.Lab;

namespace ControlPlane.Bench.Benchmarks;

/// <summary>Create and start, one at a time: through REST and directly on the same engine.</summary>
internal sealed class CreateBenchmark : IBenchmark
{
    private const int PerBlock = 12;

    public string Name => "create";

    public string Summary => "create and start a container through REST beside the same engine's own socket";

    public async Task RunAsync(Report report, bool quick, CancellationToken cancellationToken)
    {
        await using var cluster = await LabCluster.StartAsync(
            new LabOptions { Directory = LabDirectory.CreateTemporary(), Nodes = 1 }, cancellationToken);
        using var rest = new RestClient(cluster.Server);
        using var engine = new EngineClient(cluster.Nodes[0].EngineSocket);
        var perBlock = quick ? 2 : PerBlock;
        await BlockAsync(rest.RunAsync, rest.RemoveAsync, perBlock, cancellationToken);
        await BlockAsync(engine.RunAsync, engine.RemoveAsync, perBlock, cancellationToken);
        var pairs = await Pairs.RunAsync(
            quick ? 1 : 6,
            token => BlockAsync(rest.RunAsync, rest.RemoveAsync, perBlock, token),
            token => BlockAsync(engine.RunAsync, engine.RemoveAsync, perBlock, token),
            cancellationToken);
        report.Add(Figure.Compared("create+start p50, REST / engine", pairs, "ms", Bar.AtMost(1.10), $"host network, {perBlock} a block"));
    }

    /// <summary>The median of a block in milliseconds; what it made is removed afterwards, outside the measurement.</summary>
    private static async Task<double> BlockAsync(
        Func<CancellationToken, Task<string>> run, Func<string, CancellationToken, Task> remove, int count, CancellationToken cancellationToken)
    {
        var samples = new Samples();
        var made = new List<string>();
        for (var i = 0; i < count; i++)
        {
            var started = Stopwatch.GetTimestamp();
            made.Add(await run(cancellationToken));
            samples.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        }

        foreach (var id in made)
        {
            await remove(id, cancellationToken);
        }

        return samples.P50;
    }
}
