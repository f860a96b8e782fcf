using System.Globalization;
using System.Text.Json.Nodes;
using ControlPlane.EndToEnd.Tests.Clusters;

namespace ControlPlane.EndToEnd.Tests.MainJob;

public sealed class StreamTests(ThreeNodes nodes) : ClusterTest(nodes)
{
    [Fact]
    public async Task Inspect_is_the_engines_own_document()
    {
        var created = await Api.RunAsync(Specs.Sleeper("inspected"));

        var document = (await Api.GetAsync("/containers/inspected/inspect")).ShouldBe(200).Json!;

        document["Id"]!.GetValue<string>().ShouldBe(created.EngineId);
        document["State"]!["Running"]!.GetValue<bool>().ShouldBeTrue();
    }

    [Fact]
    public async Task Logs_hold_both_streams_in_full_and_can_be_cut()
    {
        var created = await Api.RunAsync(Specs.Shell("for i in 1 2 3 4 5; do echo line $i; done; sleep 0.3; echo oops >&2"));
        await Cluster.ContainerIsAsync(created.Id, 5, container => container.State == "exited");
        var path = $"/containers/{created.Id}/logs";

        (await Api.GetAsync($"{path}?stderr=false")).Text.ShouldBe("line 1\nline 2\nline 3\nline 4\nline 5\n");
        (await Api.GetAsync($"{path}?stdout=false")).Text.ShouldBe("oops\n");
        // The engine counts the lines of both streams.
        (await Api.GetAsync($"{path}?stderr=false&tail=3")).Text.ShouldBe("line 4\nline 5\n");
        (await Api.GetAsync($"{path}?tail=0")).Text.ShouldBe("");
        (await Api.GetAsync($"{path}?since=2100-01-01T00:00:00Z")).Text.ShouldBe("");
        var stamped = (await Api.GetAsync($"{path}?tail=2&stderr=false&timestamps=true")).Text;
        DateTimeOffset.TryParse(stamped.Split(' ')[0], CultureInfo.InvariantCulture, out _).ShouldBeTrue(stamped);
        stamped.ShouldEndWith(" line 5\n");
    }

    [Fact]
    public async Task Logs_of_a_terminal_come_as_they_are()
    {
        var created = await Api.RunAsync(Specs.Shell("echo on a terminal", also: spec => spec["tty"] = true));
        await Cluster.ContainerIsAsync(created.Id, 5, container => container.State == "exited");

        (await Api.GetAsync($"/containers/{created.Id}/logs")).Text.ShouldBe("on a terminal\r\n");
    }

    [Fact]
    public async Task Followed_logs_bring_each_line_at_once_and_end_with_the_container()
    {
        var created = await Api.RunAsync(Specs.Shell("echo begin; while [ ! -e /tmp/go ]; do sleep 0.1; done; echo middle; while [ ! -e /tmp/end ]; do sleep 0.1; done; echo last"));
        using var answer = await Api.Client.GetAsync(
            new Uri($"/api/v1/containers/{created.Id}/logs?follow=true", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, Cancellation);
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(Cancellation));
        var node = Cluster[created.Node];

        (await NextAsync(reader, 5)).ShouldBe("begin");
        await node.DockerAsync(["exec", created.Name, "touch", "/tmp/go"], Cancellation);
        (await NextAsync(reader, 1.5)).ShouldBe("middle");
        await node.DockerAsync(["exec", created.Name, "touch", "/tmp/end"], Cancellation);
        (await NextAsync(reader, 1.5)).ShouldBe("last");
        (await NextAsync(reader, 2)).ShouldBeNull();
    }

    [Fact]
    public async Task Stats_are_given_once_or_again_and_again()
    {
        var created = await Api.RunAsync(Specs.Shell("while :; do :; done", "busy", spec =>
            (spec["stopSignal"], spec["resources"]) = ("SIGKILL", new JsonObject { ["nanoCpus"] = 200_000_000 })));

        var once = (await Api.GetAsync("/containers/busy/stats")).ShouldBe(200).Json!;
        using var answer = await Api.Client.GetAsync(
            new Uri($"/api/v1/containers/{created.Id}/stats?stream=true", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, Cancellation);
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(Cancellation));
        var first = JsonNode.Parse((await NextAsync(reader, 5))!)!;
        var second = JsonNode.Parse((await NextAsync(reader, 5))!)!;

        once["memory_stats"]!["usage"]!.GetValue<long>().ShouldBeGreaterThan(0);
        Cpu(second).ShouldBeGreaterThan(Cpu(first));
        static long Cpu(JsonNode stats) => stats["cpu_stats"]!["cpu_usage"]!["total_usage"]!.GetValue<long>();
    }

    [Fact]
    public async Task Top_lists_the_processes()
    {
        await Api.RunAsync(Specs.Sleeper("topped"));

        var top = (await Api.GetAsync("/containers/topped/top")).ShouldBe(200).Json!;

        top["Processes"]!.ToJsonString().ShouldContain("sleep 3600");
    }

    private static async Task<string?> NextAsync(StreamReader reader, double seconds) =>
        await reader.ReadLineAsync(Cancellation).AsTask().WaitAsync(TimeSpan.FromSeconds(seconds), TimeProvider.System, Cancellation);
}
