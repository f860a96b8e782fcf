namespace ControlPlane.Scheduling.Tests;

public sealed class NodeFactsTests
{
    [Fact]
    public void A_node_of_which_nothing_is_known_is_not_given_containers()
    {
        var facts = new NodeFacts { Id = new NodeId("id-1"), Name = "node-1" };

        facts.State.ShouldBe(NodeState.Unknown);
        Placement.Standard.Decide(new PlacementRequest(), new TestCluster(new TestNode(facts, new TestUsage())))
            .ShouldBeOfType<Unplaceable>().Text.ShouldBe("0 of 1 node fits: 1 is Unknown");
    }

    [Fact]
    public void A_node_that_says_nothing_else_is_sound_and_without_limits()
    {
        var facts = new NodeFacts { Id = new NodeId("id-1"), Name = "node-1" };

        facts.Health.ShouldBe(100);
        facts.ContainerSlots.ShouldBeNull();
        facts.GenericResources.ShouldBeEmpty();
        facts.Availability.ShouldBe(NodeAvailability.Active);
        facts.Contents.ShouldBe(NodeContents.None);
        facts.Labels.ShouldBe(NodeLabels.None);
        facts.Labels.Find("any").ShouldBeNull();
    }

    [Theory]
    [InlineData(0, 5, 0)]
    [InlineData(100, 0, 100)]
    [InlineData(100, 5, 105)]
    [InlineData(119, 5, 124)]
    [InlineData(100, 1000, 1100)]
    [InlineData(100, 5000, 1100)]
    [InlineData(100, -5, 100)]
    [InlineData(-100, 5, 0)]
    public void Overcommit_is_whole_percent(long quantity, int percent, long reservable)
    {
        var capacity = new NodeCapacity(quantity, quantity, percent);

        capacity.ReservableMemoryBytes.ShouldBe(reservable);
        capacity.ReservableNanoCpus.ShouldBe(reservable);
    }

    [Fact]
    public void Five_percent_is_the_overcommit_of_classic_swarm() => new NodeCapacity(100, 100).OvercommitPercent.ShouldBe(5);

    [Fact]
    public void Labels_may_be_missing_altogether() => NodeLabels.From(null, null, null).Find("zone").ShouldBeNull();

    [Fact]
    public void The_last_of_one_source_counts() =>
        NodeLabels.From(null, [KeyValuePair.Create("zone", "a"), KeyValuePair.Create("zone", "b")], null).Find("zone").ShouldBe("b");

    [Theory]
    [InlineData("storagedriver")]
    [InlineData("kernelversion")]
    [InlineData("operatingsystem")]
    [InlineData("ostype")]
    [InlineData("architecture")]
    public void A_standard_fact_cannot_be_forged_by_an_engine_or_on_the_server(string key)
    {
        KeyValuePair<string, string>[] forged = [KeyValuePair.Create(key, "forged")];

        NodeLabels.From([KeyValuePair.Create(key, "true")], forged, forged).Find(key).ShouldBe("true");
    }

    [Fact]
    public void The_names_of_standard_facts_are_those_of_classic_swarm() =>
        new[] { NodeLabels.StorageDriver, NodeLabels.KernelVersion, NodeLabels.OperatingSystem, NodeLabels.OsType, NodeLabels.Architecture }
            .ShouldBe(["storagedriver", "kernelversion", "operatingsystem", "ostype", "architecture"]);

    [Fact]
    public void An_id_reads_as_its_text()
    {
        new NodeId("id-1").ToString().ShouldBe("id-1");
        default(NodeId).ToString().ShouldBe("");
    }

    [Fact]
    public void A_container_has_no_labels_until_it_is_given_some() => new ContainerFacts { Id = "x", Names = ["x"] }.Labels.ShouldBeEmpty();
}
