using ControlPlane.EndToEnd.Tests.Clusters;

namespace ControlPlane.EndToEnd.Tests.MainJob;

public sealed class UnmanagedTests(ThreeNodes nodes) : ClusterTest(nodes)
{
    [Fact]
    public async Task A_container_made_on_an_engine_is_seen_within_a_second()
    {
        var id = await Cluster["node-2"].DockerAsync(["run", "-d", "--name", "foreign", Specs.Image, "sleep", "3600"], Cancellation);

        var seen = await Cluster.ContainerIsAsync(id, 1.5, container => container.State == "running");

        seen.Managed.ShouldBeFalse();
        seen.Collection.ShouldBe("/Unmanaged");
        seen.Node.ShouldBe("node-2");
        (await Api.ContainersAsync("&managed=false")).Single().Name.ShouldBe("foreign");
        await Cluster.ShouldAgreeAsync();
    }

    [Fact]
    public async Task It_can_be_stopped_and_removed_but_not_changed()
    {
        var id = await Cluster["node-1"].DockerAsync(["run", "-d", "--stop-signal", "KILL", "--name", "foreign", Specs.Image, "sleep", "3600"], Cancellation);
        await Cluster.ContainerIsAsync(id, 2, container => container.State == "running");

        (await Api.PostAsync($"/containers/{id}/rename", new { name = "other" }, ("If-Match", "*"))).ShouldBe(409, "container.unmanaged");
        (await Api.ActAsync(id, "stop")).State.ShouldBe("exited");
        (await Api.DeleteAsync($"/containers/{id}")).ShouldBe(204);

        (await Cluster.PsAsync()).ShouldBeEmpty();
        (await Api.ContainersAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_label_of_ours_does_not_make_it_ours()
    {
        var id = new string('a', 64);
        var engineId = await Cluster["node-1"].DockerAsync(["run", "-d", "--label", $"controlplane.id={id}", Specs.Image, "sleep", "3600"], Cancellation);

        var seen = await Cluster.ContainerIsAsync(engineId, 2, container => container.State == "running");

        seen.Managed.ShouldBeFalse();
        (await Cluster.PsAsync()).Single().State.ShouldBe("running");
    }

    [Fact]
    public async Task What_is_stopped_on_the_engine_is_seen_and_not_undone()
    {
        var created = await Api.RunAsync(Specs.Sleeper("stopped-there"));

        await Cluster[created.Node].DockerAsync(["stop", "stopped-there"], Cancellation);

        await Cluster.ContainerIsAsync(created.Id, 1.5, container => container.State == "exited");
        await Cluster.ShouldAgreeAsync();
    }

    [Fact]
    public async Task What_is_removed_on_the_engine_has_ended()
    {
        var created = await Api.RunAsync(Specs.Sleeper("ended-there"));

        await Cluster[created.Node].DockerAsync(["rm", "-f", "ended-there"], Cancellation);

        await Wait.UntilAsync("The end of the container", 2, async () => (await Api.GetAsync($"/containers/{created.Id}")).Status == 404);
        (await Api.RunAsync(Specs.Sleeper("ended-there"))).State.ShouldBe("running");
        (await Cluster.PsAsync()).Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_name_is_free_as_soon_as_its_container_is_removed_on_the_engine()
    {
        for (var round = 0; round < 5; round++)
        {
            var created = await Api.RunAsync(Specs.Sleeper("again"));
            await Cluster[created.Node].DockerAsync(["rm", "-f", "again"], Cancellation);
            await Wait.UntilAsync("The end of the container", 2, async () => (await Api.GetAsync($"/containers/{created.Id}")).Status == 404);
        }
    }

    [Fact]
    public async Task A_rename_on_the_engine_is_seen()
    {
        var created = await Api.RunAsync(Specs.Sleeper("first-name"));

        await Cluster[created.Node].DockerAsync(["rename", "first-name", "second-name"], Cancellation);

        await Cluster.ContainerIsAsync(created.Id, 2, container => container.Name == "second-name");
    }
}
