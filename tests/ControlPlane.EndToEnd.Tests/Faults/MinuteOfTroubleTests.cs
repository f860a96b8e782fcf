using ControlPlane.EndToEnd.Tests.Clusters;

namespace ControlPlane.EndToEnd.Tests.Faults;

[Collection(FourNodes.Collection)]
public sealed class MinuteOfTroubleTests(MinuteOfTrouble minute) : IClassFixture<MinuteOfTrouble>
{
    [Fact]
    public void A_frozen_engine_is_EngineDown_within_ten_seconds()
    {
        Seen("node-1", "EngineDown").ShouldBeLessThan(TimeSpan.FromSeconds(10));
        minute.First("node-1", "Down").ShouldBeNull();
    }

    [Fact]
    public void A_frozen_agent_is_Unknown_within_ten_and_Down_within_twenty_seconds()
    {
        Seen("node-2", "Unknown").ShouldBeLessThan(TimeSpan.FromSeconds(10));
        Seen("node-2", "Down").ShouldBeLessThan(TimeSpan.FromSeconds(20));
    }

    [Fact]
    public void A_cut_node_is_Unknown_within_ten_and_Down_within_twenty_seconds()
    {
        Seen("node-3", "Unknown").ShouldBeLessThan(TimeSpan.FromSeconds(10));
        Seen("node-3", "Down").ShouldBeLessThan(TimeSpan.FromSeconds(20));
    }

    [Theory]
    [InlineData("node-1")]
    [InlineData("node-2")]
    [InlineData("node-3")]
    public void It_is_back_within_fifteen_seconds(string node)
    {
        minute.Back.ShouldContainKey(node);
        minute.Back[node].ShouldBeLessThan(TimeSpan.FromSeconds(15));
    }

    [Theory]
    [InlineData("node-1")]
    [InlineData("node-2")]
    [InlineData("node-3")]
    public void What_is_asked_of_it_meanwhile_is_refused_at_once(string node)
    {
        minute.Stopped[node].Status.ShouldBe(503, minute.Stopped[node].Text);
        minute.Stopped[node].Took.ShouldBeLessThan(TimeSpan.FromSeconds(2));
    }

    [Fact]
    public void Afterwards_the_server_knows_what_the_engines_know()
    {
        minute.Disagreement.ShouldBeNull();
    }

    [Fact]
    public async Task Its_containers_are_as_they_were_left()
    {
        foreach (var node in new[] { "node-2", "node-3" })
        {
            var ids = minute.Containers[node];
            (await minute.Cluster.Api.ContainerAsync(ids[0])).State.ShouldBe("running");
            (await minute.Cluster.Api.ContainerAsync(ids[1])).State.ShouldBe("exited");
            (await minute.Cluster.Api.GetAsync($"/containers/{ids[2]}")).ShouldBe(404);
        }
    }

    [Fact]
    public async Task Whoever_works_on_another_node_notices_nothing() => await minute.Probe.ShouldHaveBeenUnaffectedAsync();

    private TimeSpan Seen(string node, string state) =>
        minute.First(node, state) ?? throw new ShouldAssertException($"{node} was never {state}.");
}
