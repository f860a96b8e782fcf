namespace ControlPlane.Scheduling.Tests;

public sealed class WordingTests
{
    private static readonly PlacementRequest Demanding = new()
    {
        MemoryBytes = 2 * Make.GiB,
        HostPorts = [HostPort.OnAnyAddress(443)],
        Constraints = Make.Constraints("disk==ssd"),
    };

    [Fact]
    public void A_refusal_counts_the_first_reason_of_every_node_most_frequent_first()
    {
        var cluster = new TestCluster(
        [
            .. Enumerable.Range(1, 8).Select(number => Make.Node(number, labels: "disk=hdd")),
            .. Enumerable.Range(9, 3).Select(number => Make.Node(number, memory: 1)),
            Make.Node(12, availability: NodeAvailability.Drain),
        ]);

        var refusal = Placement.Standard.Decide(Demanding, cluster).ShouldBeOfType<Unplaceable>();

        refusal.Text.ShouldBe("0 of 12 nodes fit: 8 miss label disk=ssd, 3 lack memory, 1 is draining");
        refusal.Refused.ShouldBe([new("availability", 1), new("resources", 3), new("constraint", 8)]);
        refusal.NodesExamined.ShouldBe(12);
    }

    [Fact]
    public void Every_kind_of_reason_has_its_words()
    {
        var allowed = new HashSet<NodeId> { new("id-1"), new("id-2"), new("id-3"), new("id-4"), new("id-5"), new("id-6") };
        var cluster = new TestCluster(
            Make.Node(1, NodeState.Down),
            Make.Node(2, NodeState.EngineDown),
            Make.Node(3, availability: NodeAvailability.Pause),
            Make.Node(4, labels: "disk=ssd", cpus: 0),
            Make.Node(5, memory: 0, cpus: 0),
            Make.Node(6, labels: "disk=ssd", ports: [HostPort.OnAnyAddress(443)]),
            Make.Node(7));

        var decision = Placement.Standard.Decide(Demanding with { AllowedNodes = allowed, NanoCpus = 1 }, cluster);

        decision.ShouldBeOfType<Unplaceable>().Text.ShouldBe(
            "0 of 7 nodes fit: 1 is Down, 1 is EngineDown, 1 is not open to you, 1 is paused, 1 has port 443/tcp taken, 1 lacks CPUs, 1 lacks memory and CPUs");
    }

    [Fact]
    public void An_empty_cluster_says_so() =>
        Placement.Standard.Decide(Demanding, new TestCluster()).ShouldBeOfType<Unplaceable>().Text.ShouldBe("there is no node in the cluster");

    [Fact]
    public void One_node_is_singular() =>
        Placement.Standard.Decide(Demanding, new TestCluster(Make.Node(1, NodeState.Unknown)))
            .ShouldBeOfType<Unplaceable>().Text.ShouldBe("0 of 1 node fits: 1 is Unknown");

    [Fact]
    public void An_explanation_names_every_failing_filter_of_every_node()
    {
        var cluster = new TestCluster(
            Make.Node(3, NodeState.Down, NodeAvailability.Drain, "disk=hdd", memory: 16, reserved: 14.75, ports: [HostPort.OnAnyAddress(443)]),
            Make.Node(2, labels: "disk=ssd", containers: 4),
            Make.Node(1, labels: "disk=ssd", reserved: 2));

        var explanation = Placement.Standard.Explain(Demanding, cluster);

        explanation.Text.ShouldBe("node-2 won: the least reserved with this request (memory 12 %); next is node-1 (memory 25 %)");
        explanation.Nodes.Select(node => node.Name).ShouldBe(["node-2", "node-1", "node-3"]);
        explanation.Nodes[0].Score.ShouldBe(new NodeScore(new NodeId("id-2"), "node-2", -888, 12, null, 4) { Health = 100 });
        explanation.Nodes[2].Rejections.Select(rejection => $"{rejection.Filter}: {rejection.Text}").ShouldBe(
        [
            "health: state is Down",
            "availability: node is draining",
            "resources: 2 GiB asked, 1.2 GiB free of 16 GiB",
            "port: port 443/tcp is taken",
            "constraint: needs `disk=ssd`, has `disk=hdd`",
        ]);
    }

    [Fact]
    public void An_explanation_of_a_refusal_reads_as_the_refusal()
    {
        var cluster = new TestCluster(Make.Node(1), Make.Node(2, labels: "disk=hdd"));

        Placement.Standard.Explain(Demanding, cluster).Text.ShouldBe("0 of 2 nodes fit: 2 miss label disk=ssd");
    }

    [Fact]
    public void Soft_conditions_are_given_up_together()
    {
        var cluster = new TestCluster(Make.Node(1, labels: "disk=ssd", containers: 5), Make.Node(2, containers: 1));
        var request = new PlacementRequest { Constraints = Make.Constraints("disk==~ssd", "zone==~a") };

        var placed = Placement.Standard.Decide(request, cluster).ShouldBeOfType<Placed>();

        placed.Winner.Name.ShouldBe("node-2");
        placed.SoftGivenUp.ShouldBeTrue();
    }

    [Fact]
    public void An_unknown_strategy_is_an_answer()
    {
        var request = new PlacementRequest { Strategy = "best" };
        var cluster = new TestCluster(Make.Node(1));

        var refusal = Placement.Standard.Decide(request, cluster).ShouldBeOfType<Unplaceable>();

        refusal.Text.ShouldBe("the strategy 'best' is unknown; there are binpack, random, spread");
        Placement.Standard.Explain(request, cluster).Text.ShouldBe(refusal.Text);
        Placement.Standard.ProblemWithStrategy("spread").ShouldBeNull();
        Placement.Standard.Strategies.ShouldBe(["binpack", "random", "spread"]);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(NodeCapacity.MaxQuantity + 1)]
    public void A_quantity_out_of_range_is_a_bug_of_the_caller(long quantity)
    {
        Should.Throw<ArgumentOutOfRangeException>(() => new PlacementRequest { MemoryBytes = quantity });
        Should.Throw<ArgumentOutOfRangeException>(() => new PlacementRequest { NanoCpus = quantity });
    }

    [Fact]
    public void The_largest_quantities_do_not_overflow()
    {
        var node = Make.Node(1);
        var facts = node.Facts with { Capacity = new NodeCapacity(long.MaxValue, long.MaxValue, int.MaxValue) };
        var request = new PlacementRequest { MemoryBytes = NodeCapacity.MaxQuantity, NanoCpus = NodeCapacity.MaxQuantity };

        var placed = Placement.Standard.Decide(request, new TestCluster(new TestNode(facts, node.Usage))).ShouldBeOfType<Placed>();

        placed.Winner.MemoryPercent.ShouldBe(9);
        placed.Winner.Weight.ShouldBe(18 - 1000);
    }
}
