using System.Text.Json.Nodes;
using ControlPlane.EndToEnd.Tests.Clusters;

namespace ControlPlane.EndToEnd.Tests.MainJob;

public sealed class ConcurrencyTests(ThreeNodes nodes) : ClusterTest(nodes)
{
    [Fact]
    public async Task Thirty_parallel_creates_are_spread_ten_to_a_node()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 30).Select(_ => Api.CreateAsync(Specs.Sleeper())));

        answers.ShouldAllBe(answer => answer.Status == 201);
        var engines = await Cluster.PsAsync();
        engines.CountBy(container => container.Node).Select(count => count.Value).ShouldBe([10, 10, 10]);
        await Cluster.ShouldAgreeAsync();
    }

    [Fact]
    public async Task Of_twelve_parallel_creates_with_one_name_one_wins()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => Api.CreateAsync(Specs.Sleeper("single"))));

        answers.Count(answer => answer.Status == 201).ShouldBe(1);
        answers.Where(answer => answer.Status != 201).ShouldAllBe(answer => answer.Status == 409 && answer.Code == "container.name_taken");
        (await Cluster.PsAsync()).Count.ShouldBe(1);
    }

    [Fact]
    public async Task Of_eight_parallel_creates_with_one_host_port_each_node_takes_one()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ =>
            Api.CreateAsync(Specs.Sleeper(also: spec => spec["ports"] = Specs.Publish(80, 18081)))));

        answers.Count(answer => answer.Status == 201).ShouldBe(3);
        answers.Where(answer => answer.Status != 201).ShouldAllBe(answer => answer.Status == 409 && answer.Text.Contains("18081", StringComparison.Ordinal));
        (await Cluster.PsAsync()).Select(container => container.Node).Order().ShouldBe(["node-1", "node-2", "node-3"]);
    }

    [Fact]
    public async Task Reserved_memory_is_never_overcommitted()
    {
        var memory = (await Api.NodeAsync("node-1")).Host!.MemoryBytes;
        // Two fit on a node, three do not.
        var each = memory / 5 * 2;

        var answers = await Task.WhenAll(Enumerable.Range(0, 9).Select(_ => Api.CreateAsync(
            Specs.Sleeper(also: spec => spec["resources"] = new JsonObject { ["memoryReservationBytes"] = each }))));

        answers.Count(answer => answer.Status == 201).ShouldBe(6);
        answers.Where(answer => answer.Status != 201).ShouldAllBe(answer => answer.Status == 409);
        (await Cluster.PsAsync()).CountBy(container => container.Node).ShouldAllBe(count => count.Value == 2);
    }
}
