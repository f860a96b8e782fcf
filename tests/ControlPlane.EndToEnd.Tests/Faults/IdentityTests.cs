using ControlPlane.EndToEnd.Tests.Clusters;
using ControlPlane.Lab;

namespace ControlPlane.EndToEnd.Tests.Faults;

public sealed class IdentityTests : IAsyncLifetime
{
    private TestCluster? _cluster;

    private TestCluster Cluster => _cluster!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _cluster = await TestCluster.StartAsync(
        new LabOptions { Directory = LabDirectory.CreateTemporary(), Nodes = 1 }, CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        if (_cluster is not null)
        {
            await _cluster.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_copied_identity_is_flagged()
    {
        var own = Cluster.Lab.Paths.Node("node-1");
        var copy = Cluster.Lab.Paths.Node("copy");
        Directory.CreateDirectory(copy);
        (await Command.RunAsync("cp", ["-a", $"{own}/agent", $"{copy}/agent"], Cancellation)).OutputOrThrow("Copying the identity");
        var twin = new DetachedProcess($"{copy}/agent.pid", $"{copy}/agent.log", $"--data {copy}/agent ");

        await twin.StartAsync(
            [
                Repository.AgentBinary, "--data", $"{copy}/agent", "--engine", $"unix://{Cluster["node-1"].EngineSocket}",
                "--server", Cluster.Lab.Server.LocalUrl, "--name", "node-1",
            ],
            environment: null, Cancellation);

        (await Cluster.NodeIsAsync("node-1", 15, node => node.DuplicateIdentity)).Name.ShouldBe("node-1");
        await twin.KillAsync(Cancellation);
        await Cluster.NodeIsAsync("node-1", "Ready", 15);
    }

    [Fact]
    public async Task A_removed_node_is_cut_off_and_its_containers_run_on()
    {
        var node = Cluster["node-1"];
        var created = await Cluster.Api.RunAsync(Specs.Sleeper("runs-on"));

        (await Cluster.Api.DeleteAsync("/nodes/node-1")).ShouldBe(409, "node.in_use");
        (await Cluster.Api.DeleteAsync("/nodes/node-1?force=true")).ShouldBe(204);

        await Wait.UntilAsync("The end of the agent's connections", 5, () => Task.FromResult(!IsConnected(node)));
        (await Cluster.Api.NodesAsync()).ShouldBeEmpty();
        (await Cluster.Api.ContainersAsync()).ShouldBeEmpty();
        (await Cluster.Api.CreateAsync(Specs.Sleeper())).ShouldBe(409);
        var left = (await TestCluster.PsAsync(node)).Single();
        (left.ClusterId, left.State).ShouldBe((created.Id, "running"));
    }

    // The agent is the only one in its network namespace that talks to the server. One that has ended has no connection.
    private bool IsConnected(LabNode node)
    {
        var port = $":{Cluster.Lab.Server.Port:X4} 01 ";
        try
        {
            return node.AgentPid is { } pid && File.ReadAllText($"/proc/{pid}/net/tcp").Contains(port, StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false;
        }
    }
}
