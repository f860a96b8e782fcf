using ControlPlane.EndToEnd.Tests.Clusters;

namespace ControlPlane.EndToEnd.Tests.MainJob;

public sealed class NodeTests(ThreeNodes nodes) : ClusterTest(nodes)
{
    [Fact]
    public async Task Three_nodes_are_ready_and_say_what_they_are()
    {
        var seen = await Api.NodesAsync();

        seen.Select(node => node.Name).Order().ShouldBe(["node-1", "node-2", "node-3"]);
        seen.ShouldAllBe(node => node.State == "Ready" && node.Availability == "active" && node.EngineVersion.Length > 0 && node.LastSeen != null);
        seen.Select(node => node.Host!.EngineId).Distinct().Count().ShouldBe(3);
        seen.ShouldAllBe(node => node.Host!.HostName == node.Name && node.Host.Cpus > 0 && node.Host.MemoryBytes > 0);
        seen.ShouldAllBe(node => node.Address == Cluster[node.Name].Address);
        seen.ShouldAllBe(node => node.SameEngineAs.Count == 0 && !node.DuplicateIdentity);
    }

    [Fact]
    public async Task Cpu_and_memory_of_a_node_are_live()
    {
        var first = await Cluster.NodeIsAsync("node-1", 10, node => node.Usage is { MemoryUsedBytes: > 0 });

        var later = await Cluster.NodeIsAsync("node-1", 10, node => node.Usage!.At > first.Usage!.At);

        later.Usage!.MemoryTotalBytes.ShouldBeGreaterThan(later.Usage.MemoryUsedBytes);
        later.Usage.CpuPercent.ShouldBeInRange(0, 100.0 * later.Host!.Cpus + 1);
        later.LastSeen.ShouldNotBe(first.LastSeen);
    }

    [Fact]
    public async Task Labels_of_the_engine_are_labels_of_the_node()
    {
        (await Api.NodeAsync("node-3")).Labels["zone"].ShouldBe("b");
        (await Api.NodesAsync()).Count(node => node.Labels["zone"] == "a").ShouldBe(2);
    }

    [Fact]
    public async Task A_label_is_set_and_removed_by_a_patch_that_names_the_revision()
    {
        var before = await Api.GetAsync("/nodes/node-1");

        (await Api.PatchAsync("/nodes/node-1", new { labels = new { disk = "ssd" } }, ifMatch: null)).ShouldBe(428);
        var changed = await Api.PatchAsync("/nodes/node-1", new { labels = new { disk = "ssd" } }, before.ETag);
        (await Api.PatchAsync("/nodes/node-1", new { labels = new { disk = "hdd" } }, before.ETag)).ShouldBe(412);
        var placed = await Api.RunAsync(Specs.Sleeper(also: spec => spec["constraints"] = new System.Text.Json.Nodes.JsonArray("disk==ssd")));
        var restored = await Api.PatchAsync("/nodes/node-1", new { labels = new Dictionary<string, string?> { ["disk"] = null } }, changed.ETag);

        changed.As<Contracts.Rest.Nodes.NodeView>().Labels["disk"].ShouldBe("ssd");
        placed.Node.ShouldBe("node-1");
        restored.As<Contracts.Rest.Nodes.NodeView>().Labels.Keys.ShouldNotContain("disk");
    }

    [Theory]
    [InlineData("drain")]
    [InlineData("pause")]
    public async Task A_node_that_is_not_active_gets_nothing_new_and_keeps_what_it_has(string availability)
    {
        var old = await Api.RunAsync(Specs.Sleeper("stays", spec => spec["constraints"] = Specs.On("node-2")));
        try
        {
            (await Api.PatchAsync("/nodes/node-2", new { availability }, "*")).ShouldBe(200);

            var placed = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Api.RunAsync(Specs.Sleeper())));
            var refused = await Api.CreateAsync(Specs.Sleeper(also: spec => spec["constraints"] = Specs.On("node-2")));

            placed.ShouldAllBe(container => container.Node != "node-2");
            refused.ShouldBe(409);
            (await Api.ContainerAsync(old.Id)).State.ShouldBe("running");
        }
        finally
        {
            (await Api.PatchAsync("/nodes/node-2", new { availability = "active" }, "*")).ShouldBe(200);
        }
    }

    [Fact]
    public async Task Images_networks_and_volumes_are_listed_with_their_nodes()
    {
        await Cluster["node-1"].DockerAsync(["network", "create", "front"], Cancellation);
        await Cluster["node-2"].DockerAsync(["volume", "create", "data"], Cancellation);
        try
        {
            await Wait.UntilAsync("The network in the list", 5, async () =>
                (await Api.AllAsync<Contracts.Rest.Nodes.NetworkView>("/networks", "&q=front")).Any(one => one.Name == "front" && one.Nodes.Single().Name == "node-1"));
            await Wait.UntilAsync("The volume in the list", 5, async () =>
                (await Api.AllAsync<Contracts.Rest.Nodes.VolumeView>("/nodes/node-2/volumes", "")).Any(one => one.Name == "data"));
            var images = await Api.AllAsync<Contracts.Rest.Nodes.ImageView>("/images", "");
            images.ShouldContain(image => image.Tags.Contains(Specs.Image) && image.Nodes.Count == 3 && image.SizeBytes > 0);
        }
        finally
        {
            await Cluster["node-1"].DockerAsync(["network", "rm", "front"], Cancellation);
            await Cluster["node-2"].DockerAsync(["volume", "rm", "data"], Cancellation);
        }
    }
}
