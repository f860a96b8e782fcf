using System.Text.Json.Nodes;
using ControlPlane.Contracts.Rest.Containers;
using ControlPlane.EndToEnd.Tests.Clusters;
using ControlPlane.Lab;

namespace ControlPlane.EndToEnd.Tests.Faults;

public sealed class FailedNodeTests(FourNodes nodes) : FaultTest(nodes)
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Containers_of_a_failed_node_run_elsewhere_and_one_copy_remains_when_it_returns(bool killed)
    {
        var node = Cluster["node-3"];
        var moving = await Task.WhenAll(Enumerable.Range(0, 3).Select(i => Api.RunAsync(Specs.Sleeper($"moving-{i}", Rescheduled))));
        var staying = await Api.RunAsync(Specs.Sleeper("staying", spec => spec["constraints"] = Specs.On("node-3")));
        moving.ShouldAllBe(container => container.Node == "node-3");

        if (killed)
        {
            // Its containers live on without it, as those of a hung host may.
            await Task.WhenAll(node.KillAgentAsync(Cancellation), node.KillEngineAsync(Cancellation));
        }
        else
        {
            await node.CutNetworkAsync(NetworkCut.Both, Cancellation);
        }

        foreach (var container in moving)
        {
            var moved = await Cluster.ContainerIsAsync(container.Id, 25, now => now.Node != "node-3" && now.State == "running");
            (moved.Name, moved.Managed).ShouldBe((container.Name, true));
            moved.EngineId.ShouldNotBe(container.EngineId);
            moved.Note.ShouldContain("Moved from node-3");
            var placement = (await Api.GetAsync($"/containers/{container.Id}/placement")).As<PlacementView>();
            placement.History.Single().Node.ShouldBe("node-3");
        }

        (await Api.ContainerAsync(staying.Id)).Node.ShouldBe("node-3");
        if (killed)
        {
            await node.StartEngineAsync(Cancellation);
            await node.StartAgentAsync(Cancellation);
        }
        else
        {
            await node.HealNetworkAsync(Cancellation);
        }

        await Cluster.NodeIsAsync("node-3", "Ready", 20);
        await Wait.UntilAsync("One copy of each", 10, async () =>
            (await Cluster.PsAsync()).Where(one => one.Name.StartsWith("moving-", StringComparison.Ordinal)).Select(one => one.ClusterId).Order(StringComparer.Ordinal)
                .SequenceEqual(moving.Select(container => container.Id).Order(StringComparer.Ordinal)));
        (await Cluster.PsAsync()).Where(one => one.Node == "node-3").ShouldAllBe(one => one.Name == "staying");
        await Cluster.ShouldAgreeAsync();
    }

    [Fact]
    public async Task A_create_whose_port_something_else_on_the_host_has_lands_on_the_next_node()
    {
        // A process in the host's network publishes nothing: nobody knows of the port before the engine wants it.
        var node = Cluster["node-2"];
        await node.DockerAsync(["run", "-d", "--name", "listener", "--network", "host", Specs.Image, "httpd", "-f", "-p", "18080"], Cancellation);
        await Wait.UntilAsync("The listener", 5, async () =>
            (await node.RunDockerAsync(["exec", "listener", "wget", "-q", "-O", "-", "http://127.0.0.1:18080/bin/nothing"], Cancellation)).Error.Contains("404", StringComparison.Ordinal));

        var created = await Api.RunAsync(Specs.Sleeper("wants-a-port", spec =>
        {
            spec["ports"] = Specs.Publish(80, 18080);
            spec["constraints"] = new JsonArray("node==~node-2");
        }));

        created.Node.ShouldNotBe("node-2");
        created.State.ShouldBe("running");
        var past = created.Placement!.History.ShouldHaveSingleItem();
        past.Node.ShouldBe("node-2");
        past.Reason.ShouldContain("address already in use");
        await Wait.UntilAsync("Nothing is left on node-2", 10, async () => await TestCluster.PsAsync(node) is [{ Name: "listener" }]);
        await Cluster.ShouldAgreeAsync();
    }

    private static void Rescheduled(JsonObject spec)
    {
        spec["reschedulePolicy"] = "on-node-failure";
        spec["constraints"] = new JsonArray("node==~node-3");
    }
}
