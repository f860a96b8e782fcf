using ControlPlane.EndToEnd.Tests.Clusters;

namespace ControlPlane.EndToEnd.Tests.Faults;

public sealed class KilledTests(FourNodes nodes) : FaultTest(nodes)
{
    [Fact]
    public async Task A_killed_agent_takes_its_node_out_and_nothing_else()
    {
        var node = Cluster["node-1"];
        var running = await Api.RunAsync(Specs.Sleeper("runs-on", spec => spec["constraints"] = Specs.On("node-1")));
        var other = await Api.RunAsync(Specs.Sleeper("stopped-meanwhile", spec => spec["constraints"] = Specs.On("node-1")));
        await using var probe = LatencyProbe.Start(Cluster, "node-2");

        await node.KillAgentAsync(Cancellation);
        await Cluster.NodeIsAsync("node-1", "Unknown", 10);
        (await Api.ContainerAsync(running.Id)).NodeState.ShouldBe("Unknown");
        await Cluster.NodeIsAsync("node-1", "Down", 20);
        await node.DockerAsync(["stop", other.Name], Cancellation);
        (await Api.PostAsync($"/containers/{running.Id}/stop")).ShouldBe(503).Took.ShouldBeLessThan(TimeSpan.FromSeconds(2));
        await node.StartAgentAsync(Cancellation);
        await Cluster.NodeIsAsync("node-1", "Ready", 15);

        await probe.ShouldHaveBeenUnaffectedAsync();
        await Cluster.ShouldAgreeAsync();
        (await Api.ContainerAsync(running.Id)).State.ShouldBe("running");
        (await Api.ContainerAsync(other.Id)).State.ShouldBe("exited");
    }

    [Fact]
    public async Task A_killed_engine_is_no_killed_node()
    {
        var running = await Api.RunAsync(Specs.Sleeper("with-the-engine", spec => spec["constraints"] = Specs.On("node-2")));
        await using var probe = LatencyProbe.Start(Cluster, "node-1");

        await Cluster["node-2"].KillEngineAsync(Cancellation);
        await Cluster.NodeIsAsync("node-2", "EngineDown", 10);
        (await Api.PostAsync($"/containers/{running.Id}/stop")).ShouldBe(503).Took.ShouldBeLessThan(TimeSpan.FromSeconds(2));
        (await Api.CreateAsync(Specs.Sleeper(also: spec => spec["constraints"] = Specs.On("node-2")))).ShouldBe(409);
        await Cluster["node-2"].StartEngineAsync(Cancellation);
        await Cluster.NodeIsAsync("node-2", "Ready", 15);

        await probe.ShouldHaveBeenUnaffectedAsync();
        await Cluster.ShouldAgreeAsync();
        (await Api.ContainerAsync(running.Id)).Node.ShouldBe("node-2");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_server_that_comes_back_knows_every_container_as_the_engines_do(bool killed)
    {
        var created = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Api.RunAsync(Specs.Sleeper())));

        // Ends are written a moment after their answers; a create whose end was lost is found again, and so could not be seen to have been removed.
        await Wait.UntilAsync("The ends of the creates in the database", 5, async () =>
            (await Api.GetAsync("/operations?state=running")).Json!["total"]!.GetValue<int>() == 0);
        await (killed ? Cluster.Lab.Server.KillAsync(Cancellation) : Cluster.Lab.Server.StopAsync(Cancellation));
        (await Cluster.PsAsync()).Count(container => container.State == "running").ShouldBe(8);
        await Cluster[created[0].Node].DockerAsync(["stop", created[0].Name], Cancellation);
        await Cluster[created[1].Node].DockerAsync(["rm", "-f", created[1].Name], Cancellation);
        await Cluster["node-3"].DockerAsync(["run", "-d", Specs.Image, "sleep", "3600"], Cancellation);
        await Cluster.Lab.Server.StartAsync(Cancellation);
        await Cluster.Lab.WaitUntilReadyAsync(TimeSpan.FromSeconds(15), Cancellation);

        await Cluster.ShouldAgreeAsync();
        (await Api.ContainerAsync(created[0].Id)).State.ShouldBe("exited");
        (await Api.GetAsync($"/containers/{created[1].Id}")).ShouldBe(404);
        (await Api.ContainersAsync("&managed=false")).Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_container_on_a_dead_node_can_be_removed_and_its_name_is_free_at_once()
    {
        var node = Cluster["node-1"];
        var first = await Api.RunAsync(Specs.Sleeper("phoenix", spec => spec["constraints"] = Specs.On("node-1")));
        await node.KillAgentAsync(Cancellation);
        await Cluster.NodeIsAsync("node-1", "Down", 20);

        var removed = await Api.DeleteAsync($"/containers/{first.Id}?force=true");
        var second = await Api.RunAsync(Specs.Sleeper("phoenix"));
        (await TestCluster.PsAsync(node)).Single().ClusterId.ShouldBe(first.Id);
        await node.StartAgentAsync(Cancellation);

        removed.ShouldBe(204).Took.ShouldBeLessThan(TimeSpan.FromSeconds(2));
        second.Node.ShouldNotBe("node-1");
        await Wait.UntilAsync("The removal on the node", 20, async () => (await TestCluster.PsAsync(node)).Count == 0);
        await Cluster.ShouldAgreeAsync();
        (await Api.ContainersAsync()).Single().Id.ShouldBe(second.Id);
    }
}
