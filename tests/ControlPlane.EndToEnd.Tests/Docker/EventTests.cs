using System.Text.Json.Nodes;

namespace ControlPlane.EndToEnd.Tests.Docker;

/// <summary>One stream of what happens on all nodes.</summary>
public sealed class EventTests(DockerCluster docker) : DockerTest(docker)
{
    [Fact]
    public async Task Past_events_are_told_by_time_and_filter()
    {
        var since = await Admin.ShellAsync("date +%s.%N");
        await Admin.DockerAsync("run", "--rm", "--name", "short-lived", "--label", "told=yes", Image, "true");
        await Admin.DockerAsync("run", "--name", "other", Image, "true");
        await Admin.DockerAsync("rm", "other");
        await Clusters.Wait.UntilAsync("The end of what --rm removes", 5, async () => (await Cluster.PsAsync()).Count == 0);

        var actions = await EventsAsync(since.Output.Trim(), "container=short-lived");
        actions.Select(one => one["Action"]!.GetValue<string>()).Where(action => action is "create" or "start" or "die" or "destroy").ShouldBe(["create", "start", "die", "destroy"]);
        actions.ShouldAllBe(one => one["Actor"]!["Attributes"]!["node.name"]!.GetValue<string>().StartsWith("node-"));
        actions.ShouldAllBe(one => one["Actor"]!["Attributes"]!["node.ip"]!.GetValue<string>() == Cluster[one["Actor"]!["Attributes"]!["node.name"]!.GetValue<string>()].Address);
        (await EventsAsync(since.Output.Trim(), "event=die")).Count.ShouldBe(2);
        (await EventsAsync(since.Output.Trim(), "label=told=yes", "event=create")).Count.ShouldBe(1);
        (await EventsAsync(since.Output.Trim(), "type=container")).ShouldNotBeEmpty();
        (await EventsAsync(since.Output.Trim(), "image=busybox", "event=start")).Count.ShouldBe(2);
        (await EventsAsync("2000-01-01T00:00:00Z", "container=no-such")).ShouldBeEmpty();
        (await Admin.RefusedAsync("events", "--until", "1s", "--since", "2s", "--filter", "nonsense=1")).ShouldContain("nonsense");
    }

    [Fact]
    public async Task Coming_events_are_told_at_once_and_to_those_only_who_may_see_them()
    {
        var told = Admin.ShellAsync("timeout 20 docker events --filter type=container --filter event=start --format '{{.Actor.Attributes.name}}' | head -n 1");
        var untold = Docker.Stranger.ShellAsync("timeout 4 docker events --format '{{.Action}}'; true");
        await Clusters.Wait.UntilAsync("An event for the listener", 20, async () =>
        {
            await Docker.Full.DockerAsync("run", "--rm", Image, "true");
            return told.IsCompleted;
        });

        (await told).Output.Trim().ShouldNotBeEmpty();
        (await untold).Output.ShouldBe("");
    }

    /// <summary>Until now, and not until <c>0s</c>, of which the CLI makes the whole second before.</summary>
    private async Task<IReadOnlyList<JsonNode>> EventsAsync(string since, params string[] filters) =>
    [
        .. (await Admin.LinesAsync(["events", "--since", since, "--until", (await Admin.ShellAsync("date +%s.%N")).Output.Trim(), .. filters.SelectMany(filter => (string[])["--filter", filter]), "--format", "{{json .}}"]))
            .Select(line => JsonNode.Parse(line)!),
    ];
}
