using ControlPlane.EndToEnd.Tests.Clusters;
using ControlPlane.Lab;

namespace ControlPlane.EndToEnd.Tests.Faults;

public sealed class ShortFaultTests(FourNodes nodes) : FaultTest(nodes)
{
    private static readonly TimeSpan Short = TimeSpan.FromSeconds(5);

    [Theory]
    [InlineData(NetworkCut.Both)]
    [InlineData(NetworkCut.Incoming)]
    [InlineData(NetworkCut.Outgoing)]
    public async Task A_cut_of_five_seconds_touches_no_container(NetworkCut cut)
    {
        var before = await Api.RunAsync(Specs.Sleeper("untouched", spec => spec["constraints"] = Specs.On("node-1")));
        var started = await StartOfAsync("untouched");
        await using var probe = LatencyProbe.Start(Cluster, "node-2");

        var begin = TimeProvider.System.GetTimestamp();
        await Cluster["node-1"].CutNetworkAsync(cut, Cancellation);
        await LatencyProbe.HoldAsync(begin, Short);
        (await Api.NodeAsync("node-1")).State.ShouldBeOneOf("Ready", "Unknown");
        await Cluster["node-1"].HealNetworkAsync(Cancellation);

        await Cluster.NodeIsAsync("node-1", 15, node => node is { State: "Ready", Connected: true });
        await probe.ShouldHaveBeenUnaffectedAsync();
        await Cluster.ShouldAgreeAsync();
        (await StartOfAsync("untouched")).ShouldBe(started);
        (await Api.ActAsync(before.Id, "stop")).State.ShouldBe("exited");
    }

    [Fact]
    public async Task A_create_on_a_node_that_has_just_been_cut_is_settled_when_it_is_back()
    {
        await Cluster["node-1"].CutNetworkAsync(NetworkCut.Both, Cancellation);

        var answer = await Api.CreateAsync(Specs.Sleeper("into-the-cut", spec => spec["constraints"] = Specs.On("node-1")), waitSeconds: 0);
        await Cluster.NodeIsAsync("node-1", "Down", 20);
        await Cluster["node-1"].HealNetworkAsync(Cancellation);
        await Cluster.NodeIsAsync("node-1", "Ready", 15);

        var accepted = answer.As<Contracts.Rest.Operations.OperationView>(202);
        (await Api.OperationAsync(accepted.Id, TimeSpan.FromSeconds(20))).State.ShouldBe("succeeded");
        await Cluster.ShouldAgreeAsync();
        (await Cluster.PsAsync()).Single().ClusterId.ShouldBe(accepted.TargetId);
    }

    [Fact]
    public async Task Logs_that_are_followed_end_when_their_node_is_lost()
    {
        var created = await Api.RunAsync(Specs.Shell("while :; do echo tick; sleep 0.2; done", "ticking", spec =>
            (spec["constraints"], spec["stopSignal"]) = (Specs.On("node-3"), "SIGKILL")));
        using var answer = await Api.Client.GetAsync(
            new Uri($"/api/v1/containers/{created.Id}/logs?follow=true", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, Cancellation);
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(Cancellation));
        (await reader.ReadLineAsync(Cancellation)).ShouldBe("tick");

        await Cluster["node-3"].KillAgentAsync(Cancellation);

        // Broken, not ended: nobody must take it for the end of the log.
        await Should.ThrowAsync<IOException>(async () =>
            await reader.ReadToEndAsync(Cancellation).WaitAsync(TimeSpan.FromSeconds(15), TimeProvider.System, Cancellation));
    }

    private async Task<string> StartOfAsync(string name) =>
        await Cluster["node-1"].DockerAsync(["inspect", "-f", "{{.State.StartedAt}}", name], Cancellation);
}
