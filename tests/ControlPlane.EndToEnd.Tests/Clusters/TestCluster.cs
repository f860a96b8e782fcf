using ControlPlane.Contracts.Rest.Containers;
using ControlPlane.Contracts.Rest.Nodes;
using ControlPlane.Lab;

namespace ControlPlane.EndToEnd.Tests.Clusters;

/// <summary>A lab with a client, and what tests ask of both sides: of the server and of every engine itself.</summary>
internal sealed class TestCluster : IAsyncDisposable
{
    private const string Format = "{{.ID}}\t{{.Label \"controlplane.id\"}}\t{{.Names}}\t{{.State}}";

    private TestCluster(LabCluster lab)
    {
        Lab = lab;
        Api = new ClusterApi(lab.Server.OpenApi());
    }

    public LabCluster Lab { get; }

    public ClusterApi Api { get; }

    public LabNode this[string node] => Lab[node];

    public static async Task<TestCluster> StartAsync(LabOptions options, CancellationToken cancellationToken) =>
        new(await LabCluster.StartAsync(options, cancellationToken));

    /// <summary>The engine's own list.</summary>
    public static async Task<IReadOnlyList<EngineContainer>> PsAsync(LabNode node)
    {
        var output = await node.DockerAsync(["ps", "-a", "--no-trunc", "--format", Format], TestContext.Current.CancellationToken);
        return
        [
            .. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('\t'))
                .Select(part => new EngineContainer(node.Name, part[0], part[2], part[3], part[1])),
        ];
    }

    /// <summary>All engines' own lists.</summary>
    public async Task<IReadOnlyList<EngineContainer>> PsAsync() =>
        [.. (await Task.WhenAll(Lab.Nodes.Select(PsAsync))).SelectMany(list => list)];

    /// <summary>Waits for a container's state on the server.</summary>
    public async Task<ContainerView> ContainerIsAsync(string id, double seconds, Func<ContainerView, bool> condition)
    {
        ContainerView? seen = null;
        await Wait.UntilAsync($"The expected state of {id}", seconds, async () =>
        {
            var answer = await Api.GetAsync($"/containers/{id}");
            seen = answer.Status == 404 ? null : answer.As<ContainerView>();
            return seen is not null && condition(seen);
        });
        return seen!;
    }

    public async Task<NodeView> NodeIsAsync(string name, double seconds, Func<NodeView, bool> condition)
    {
        NodeView? seen = null;
        try
        {
            await Wait.UntilAsync($"The expected state of {name}", seconds, async () => condition(seen = await Api.NodeAsync(name)));
        }
        catch (LabException late)
        {
            throw new LabException($"{late.Message} It is {seen?.State} ({seen?.StateReason}).", late);
        }

        return seen!;
    }

    public Task<NodeView> NodeIsAsync(string name, string state, double seconds) => NodeIsAsync(name, seconds, node => node.State == state);

    /// <summary>
    /// Waits until the server's containers are the engines' own, one for one and state for state: nothing lost, nothing twice,
    /// nothing unknown.
    /// </summary>
    public async Task ShouldAgreeAsync(double seconds = 5)
    {
        IReadOnlyList<string> differences = [];
        await Deadline.HoldsWithinAsync(
            TimeSpan.FromSeconds(seconds),
            async _ => (differences = await DifferencesAsync()).Count == 0,
            TestContext.Current.CancellationToken);
        differences.ShouldBeEmpty();
    }

    /// <summary>Heals what a test has broken and removes what it has made.</summary>
    public async Task ResetAsync()
    {
        var cancellationToken = CancellationToken.None;
        await Task.WhenAll(Lab.Nodes.Select(async node =>
        {
            node.ThawEngine();
            node.ThawAgent();
            await node.HealNetworkAsync(cancellationToken);
            await node.StartEngineAsync(cancellationToken);
        }));
        await Lab.Server.StartAsync(cancellationToken);
        await Task.WhenAll(Lab.Nodes.Select(node => node.StartAgentAsync(cancellationToken)));
        await Task.WhenAll(Lab.Nodes.Select(async node =>
        {
            const string script = "ids=$(docker -H unix://$1 ps -aq); [ -z \"$ids\" ] || docker -H unix://$1 rm -f -v $ids >/dev/null";
            await Command.RunAsync("/bin/sh", ["-c", script, "sh", node.EngineSocket], cancellationToken);
        }));
        await Lab.WaitUntilReadyAsync(TimeSpan.FromSeconds(30), cancellationToken);
        await Deadline.HoldsWithinAsync(
            TimeSpan.FromSeconds(10),
            async _ =>
            {
                var left = await Api.ContainersAsync();
                foreach (var container in left)
                {
                    await Api.DeleteAsync($"/containers/{container.Id}?force=true");
                }

                return left.Count == 0;
            },
            cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        Api.Dispose();
        await Lab.DisposeAsync();
    }

    private async Task<IReadOnlyList<string>> DifferencesAsync()
    {
        var (engines, server) = (await PsAsync(), await Api.ContainersAsync());
        var differences = new List<string>();
        foreach (var group in engines.Where(one => one.ClusterId.Length > 0).GroupBy(one => one.ClusterId).Where(group => group.Count() > 1))
        {
            differences.Add($"{group.Key[..12]} exists {group.Count()} times");
        }

        foreach (var engine in engines)
        {
            var known = server.FirstOrDefault(one => one.EngineId == engine.EngineId);
            if (known is null)
            {
                differences.Add($"{engine.Name} on {engine.Node} is unknown to the server");
            }
            else if (known.Node != engine.Node || known.State != engine.State || known.Name != engine.Name || known.Managed != engine.ClusterId.Length > 0)
            {
                differences.Add($"{engine} is {known.Name} on {known.Node}, {known.State}, managed {known.Managed} for the server");
            }
        }

        foreach (var container in server.Where(one => engines.All(engine => engine.EngineId != one.EngineId)))
        {
            differences.Add($"{container.Name} ({container.State}) of the server is on no engine");
        }

        return differences;
    }
}
