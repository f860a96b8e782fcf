using ControlPlane.Bench.Measuring;

namespace ControlPlane.Bench.Simulation;

/// <summary>Many simulated agents in one process.</summary>
internal sealed class Fleet(AgentDoorClient door) : IAsyncDisposable
{
    // Joins are writes to the server's database, one after the other; more would only wait there.
    private const int JoinsAtOnce = 16;

    private readonly List<SimulatedAgent> _agents = [];
    private readonly Samples _pings = new();

    public IReadOnlyList<SimulatedAgent> Agents => _agents;

    /// <summary>Joins and starts so many agents and waits until all are synced.</summary>
    public async Task StartAsync(string joinToken, int count, int containersEach, CancellationToken cancellationToken)
    {
        var first = _agents.Count;
        for (var i = first; i < first + count; i++)
        {
            var name = SimulatedInventory.NodeName(i);
            _agents.Add(new SimulatedAgent(door, name, SimulatedInventory.Of(name, containersEach), _pings));
        }

        await Parallel.ForEachAsync(
            _agents.Skip(first), new ParallelOptions { MaxDegreeOfParallelism = JoinsAtOnce, CancellationToken = cancellationToken },
            async (agent, token) =>
            {
                await agent.JoinAsync(joinToken, token);
                agent.Start();
            });
        await Lab.Deadline.UntilAsync(
            "The first sync of every simulated agent", TimeSpan.FromSeconds(90),
            _ => Task.FromResult(_agents.All(agent => agent.IsSynced)), cancellationToken);
    }

    public Task OpenTunnelsAsync(int each, CancellationToken cancellationToken) => Parallel.ForEachAsync(
        _agents, new ParallelOptions { MaxDegreeOfParallelism = JoinsAtOnce, CancellationToken = cancellationToken },
        async (agent, token) => await agent.OpenTunnelsAsync(each, token));

    /// <summary>The status; the pings begin anew.</summary>
    public FleetStatus Status()
    {
        var status = new FleetStatus(_agents.Count, _agents.Count(agent => agent.IsSynced), _pings.Count, _pings.P50, _pings.P99);
        _pings.Clear();
        return status;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var agent in _agents)
        {
            await agent.DisposeAsync();
        }
    }
}
