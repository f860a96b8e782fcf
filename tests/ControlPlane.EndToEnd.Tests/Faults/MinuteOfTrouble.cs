using ControlPlane.EndToEnd.Tests.Clusters;
using ControlPlane.Lab;

namespace ControlPlane.EndToEnd.Tests.Faults;

/// <summary>
/// A minute in which node-1's engine is frozen, node-2's agent is frozen and node-3's network is cut, all at once to save time;
/// somebody works on node-4. What happened is written down here, and the tests judge it.
/// </summary>
public sealed class MinuteOfTrouble(FourNodes nodes) : IAsyncLifetime
{
    private static readonly TimeSpan Length = TimeSpan.FromSeconds(60);
    private static readonly string[] Troubled = ["node-1", "node-2", "node-3"];

    private readonly Dictionary<(string Node, string State), TimeSpan> _seen = [];
    private LatencyProbe? _probe;

    internal TestCluster Cluster { get; } = nodes.Cluster;

    internal LatencyProbe Probe => _probe!;

    /// <summary>Containers by node: one that runs on, one that was stopped and one that was removed on the engine meanwhile.</summary>
    internal Dictionary<string, string[]> Containers { get; } = [];

    /// <summary>What the server's list and the engines' own disagreed in, five seconds after the last node's return; null = nothing.</summary>
    internal Exception? Disagreement { get; private set; }

    /// <summary>How long after the healing each node was Ready.</summary>
    internal Dictionary<string, TimeSpan> Back { get; } = [];

    /// <summary>What stopping a container on a troubled node answered, in the middle.</summary>
    internal Dictionary<string, Answer> Stopped { get; } = [];

    /// <summary>How long after the begin a node was first in a state; null when never.</summary>
    internal TimeSpan? First(string node, string state) => _seen.TryGetValue((node, state), out var at) ? at : null;

    public async ValueTask InitializeAsync()
    {
        var none = CancellationToken.None;
        foreach (var node in Troubled)
        {
            var made = new List<string>();
            for (var i = 0; i < 3; i++)
            {
                made.Add((await Cluster.Api.RunAsync(Specs.Sleeper($"{node}-{i}", spec => spec["constraints"] = Specs.On(node)))).Id);
            }

            Containers[node] = [.. made];
        }

        _probe = LatencyProbe.Start(Cluster, "node-4");
        var begin = TimeProvider.System.GetTimestamp();
        Cluster["node-1"].FreezeEngine();
        Cluster["node-2"].FreezeAgent();
        await Cluster["node-3"].CutNetworkAsync(NetworkCut.Both, none);
        await WatchAsync(begin, TimeSpan.FromSeconds(25), _ => false);
        foreach (var node in Troubled)
        {
            Stopped[node] = await Cluster.Api.PostAsync($"/containers/{Containers[node][0]}/stop");
        }

        foreach (var node in Troubled.Skip(1))
        {
            await Cluster[node].DockerAsync(["stop", $"{node}-1"], none);
            await Cluster[node].DockerAsync(["rm", "-f", $"{node}-2"], none);
        }

        await WatchAsync(begin, Length, _ => false);
        var healed = TimeProvider.System.GetTimestamp();
        Cluster["node-1"].ThawEngine();
        Cluster["node-2"].ThawAgent();
        await Cluster["node-3"].HealNetworkAsync(none);
        await WatchAsync(begin, Length + TimeSpan.FromSeconds(25), states =>
        {
            foreach (var node in Troubled.Where(node => states[node] == "Ready" && !Back.ContainsKey(node)))
            {
                Back[node] = TimeProvider.System.GetElapsedTime(healed);
            }

            return Back.Count == Troubled.Length;
        });
        await _probe.StopAsync();
        try
        {
            await Cluster.ShouldAgreeAsync();
        }
        catch (ShouldAssertException difference)
        {
            Disagreement = difference;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_probe is not null)
        {
            await _probe.DisposeAsync();
        }

        await Cluster.ResetAsync();
    }

    /// <summary>Notes when each node is first in each state, until the time since the begin is over or it is enough.</summary>
    private Task WatchAsync(long begin, TimeSpan until, Func<Dictionary<string, string>, bool> enough) => Wait.UntilAsync(
        "The end of the minute", until.TotalSeconds + 30,
        async () =>
        {
            var states = (await Cluster.Api.NodesAsync()).ToDictionary(node => node.Name, node => node.State);
            var at = TimeProvider.System.GetElapsedTime(begin);
            foreach (var (node, state) in states)
            {
                _seen.TryAdd((node, state), at);
            }

            return at >= until || enough(states);
        });
}
