using System.Text.Json.Nodes;
using ControlPlane.EndToEnd.Tests.Clusters;

namespace ControlPlane.EndToEnd.Tests.MainJob;

public sealed class LifecycleTests(ThreeNodes nodes) : ClusterTest(nodes)
{
    [Fact]
    public async Task Stop_start_and_restart_answer_with_the_state_that_the_engine_has()
    {
        var created = await Api.RunAsync(Specs.Sleeper("cycle"));

        (await Api.ActAsync(created.Id, "stop")).State.ShouldBe("exited");
        await Cluster.ShouldAgreeAsync(1);
        (await Api.ActAsync(created.Id, "start")).State.ShouldBe("running");
        await Cluster.ShouldAgreeAsync(1);
        var restarted = await Api.ActAsync(created.Id, "restart");

        restarted.State.ShouldBe("running");
        restarted.StartedAt.ShouldNotBe(created.StartedAt);
        await Cluster.ShouldAgreeAsync(1);
    }

    [Fact]
    public async Task Pause_unpause_and_kill_do_what_they_say()
    {
        var created = await Api.RunAsync(Specs.Sleeper("paused"));

        (await Api.ActAsync("paused", "pause")).State.ShouldBe("paused");
        await Cluster.ShouldAgreeAsync(1);
        (await Api.ActAsync("paused", "unpause")).State.ShouldBe("running");
        (await Api.PostAsync($"/containers/{created.Id}/kill?signal=KILL")).ShouldBe(200);

        var killed = await Cluster.ContainerIsAsync(created.Id, 2, container => container.State == "exited");
        killed.ExitCode.ShouldBe(137);
        (await Api.PostAsync($"/containers/{created.Id}/kill")).ShouldBe(409, "container.not_running");
    }

    [Fact]
    public async Task What_is_as_asked_for_already_is_no_fault()
    {
        var created = await Api.RunAsync(Specs.Sleeper("twice"));

        (await Api.ActAsync(created.Id, "start")).State.ShouldBe("running");
        (await Api.ActAsync(created.Id, "stop")).State.ShouldBe("exited");
        (await Api.ActAsync(created.Id, "stop")).State.ShouldBe("exited");
    }

    [Fact]
    public async Task A_rename_needs_the_revision_and_frees_the_old_name()
    {
        var created = await Api.RunAsync(Specs.Sleeper("before"));
        var etag = (await Api.GetAsync("/containers/before")).ETag!;

        (await Api.PostAsync($"/containers/{created.Id}/rename", new { name = "after" })).ShouldBe(428);
        (await Api.PostAsync($"/containers/{created.Id}/rename", new { name = "after" }, ("If-Match", etag))).ShouldBe(200);
        (await Api.PostAsync($"/containers/{created.Id}/rename", new { name = "third" }, ("If-Match", etag))).ShouldBe(412);

        (await Cluster.PsAsync()).Single().Name.ShouldBe("after");
        (await Api.GetAsync("/containers/before")).ShouldBe(404);
        var second = await Api.RunAsync(Specs.Sleeper("before"));
        var taken = await Api.PostAsync($"/containers/{second.Id}/rename", new { name = "after" }, ("If-Match", (await Api.GetAsync("/containers/before")).ETag!));
        taken.ShouldBe(409, "container.name_taken");
        await Cluster.ShouldAgreeAsync();
    }

    [Fact]
    public async Task Limits_are_changed_on_the_engine()
    {
        var created = await Api.RunAsync(Specs.Sleeper("limited", spec => spec["resources"] = new JsonObject { ["memoryBytes"] = 64 << 20 }));
        var etag = (await Api.GetAsync("/containers/limited")).ETag;

        var updated = await Api.PatchAsync($"/containers/{created.Id}", new { memoryBytes = 32 << 20, restartPolicy = new { name = "always" } }, etag);

        updated.As<Contracts.Rest.Containers.ContainerView>().Resources.MemoryBytes.ShouldBe(32 << 20);
        updated.ETag.ShouldNotBe(etag);
        var inspect = JsonNode.Parse(await Cluster[created.Node].DockerAsync(["inspect", "limited"], Cancellation))![0]!["HostConfig"]!;
        inspect["Memory"]!.GetValue<long>().ShouldBe(32 << 20);
        inspect["RestartPolicy"]!["Name"]!.GetValue<string>().ShouldBe("always");
    }

    [Fact]
    public async Task Only_force_removes_a_running_container()
    {
        var created = await Api.RunAsync(Specs.Sleeper("gone"));

        (await Api.DeleteAsync($"/containers/{created.Id}")).ShouldBe(409, "container.running");
        (await Api.DeleteAsync($"/containers/{created.Id}?force=true")).ShouldBe(204);

        (await Api.GetAsync($"/containers/{created.Id}")).ShouldBe(404);
        (await Api.DeleteAsync($"/containers/{created.Id}?force=true")).ShouldBe(404);
        (await Cluster.PsAsync()).ShouldBeEmpty();
        (await Api.RunAsync(Specs.Sleeper("gone"))).Id.ShouldNotBe(created.Id);
    }

    [Fact]
    public async Task A_container_that_ends_is_seen_with_its_exit_code()
    {
        var created = await Api.RunAsync(Specs.Shell("sleep 1; exit 7"));

        var ended = await Cluster.ContainerIsAsync(created.Id, 5, container => container.State == "exited");

        ended.ExitCode.ShouldBe(7);
        ended.FinishedAt.ShouldNotBeNull();
    }

    [Fact]
    public async Task A_health_check_is_seen()
    {
        var created = await Api.RunAsync(Specs.Sleeper("healthy", spec => spec["healthcheck"] = new JsonObject
        {
            ["test"] = new JsonArray("CMD-SHELL", "test ! -e /tmp/ill"), ["intervalSeconds"] = 1, ["timeoutSeconds"] = 5, ["retries"] = 1,
        }));

        created.Health.ShouldBeOneOf("starting", "healthy");
        await Cluster.ContainerIsAsync(created.Id, 15, container => container.Health == "healthy");
        await Cluster[created.Node].DockerAsync(["exec", "healthy", "touch", "/tmp/ill"], Cancellation);
        await Cluster.ContainerIsAsync(created.Id, 15, container => container.Health == "unhealthy");
        (await Api.ContainersAsync("&health=unhealthy")).Single().Id.ShouldBe(created.Id);
    }

    [Fact]
    public async Task A_restart_policy_is_the_engines_business_and_seen()
    {
        var created = await Api.RunAsync(Specs.Shell("sleep 0.3; exit 1", "again", spec => spec["restartPolicy"] = new JsonObject { ["name"] = "always" }));

        await Cluster.ContainerIsAsync(created.Id, 10, container => container.RestartCount >= 2);
        (await Api.ActAsync(created.Id, "stop")).State.ShouldBe("exited");
        await Cluster.ShouldAgreeAsync();
    }

    [Fact]
    public async Task An_unknown_container_is_not_found_whatever_is_asked()
    {
        (await Api.GetAsync("/containers/nobody")).ShouldBe(404, "container.not_found");
        (await Api.PostAsync("/containers/nobody/start")).ShouldBe(404, "container.not_found");
        (await Api.GetAsync("/containers/nobody/logs")).ShouldBe(404, "container.not_found");
        (await Api.DeleteAsync("/containers/nobody")).ShouldBe(404, "container.not_found");
    }
}
