using ControlPlane.EndToEnd.Tests.Clusters;

namespace ControlPlane.EndToEnd.Tests.MainJob;

public sealed class EventTests(ThreeNodes nodes) : ClusterTest(nodes)
{
    [Fact]
    public async Task A_change_on_an_engine_reaches_a_listener_at_once()
    {
        var created = await Api.RunAsync(Specs.Sleeper("watched"));
        using var events = await EventStream.OpenAsync(Api, "?kind=container");
        await events.NextAsync(2, one => one.Kind == "ready");

        await Cluster[created.Node].DockerAsync(["stop", "watched"], Cancellation);

        var seen = await events.NextAsync(1.5, one => one.Data["object"]?["state"]?.GetValue<string>() == "exited");
        seen.Kind.ShouldStartWith("container.");
        seen.Data["id"]!.GetValue<string>().ShouldBe(created.Id);
    }

    [Fact]
    public async Task A_listener_goes_on_where_it_was_without_a_gap()
    {
        string position;
        using (var first = await EventStream.OpenAsync(Api))
        {
            position = (await first.NextAsync(2, one => one.Kind == "ready")).Id;
        }

        var missed = await Api.RunAsync(Specs.Sleeper("missed"));
        await Api.DeleteAsync($"/containers/{missed.Id}?force=true");
        using var second = await EventStream.OpenAsync(Api, "?kind=container", position);

        (await second.NextAsync(2, one => one.Data["id"]?.GetValue<string>() == missed.Id)).Data["object"]!["name"]!.GetValue<string>().ShouldBe("missed");
        await second.NextAsync(2, one => one.Kind == "container.removed" && one.Data["id"]!.GetValue<string>() == missed.Id);
    }

    [Fact]
    public async Task A_position_of_another_life_of_the_server_is_gone()
    {
        (await Api.GetAsync("/events?since=999999.1")).ShouldBe(410);
        (await Api.GetAsync("/events?since=nonsense")).ShouldBe(400);
    }
}
