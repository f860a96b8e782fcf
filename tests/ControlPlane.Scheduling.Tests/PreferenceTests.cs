namespace ControlPlane.Scheduling.Tests;

/// <summary>Replicas of one service over the values of a node label.</summary>
public sealed class PreferenceTests
{
    private static readonly PlacementRequest Replica = new()
    {
        Preference = new SpreadPreference("zone", "service", "s1"),
        Labels = Make.Container("x", "service=s1").Labels,
    };

    [Fact]
    public void The_zone_with_the_fewest_replicas_wins_whatever_the_load() =>
        Winner(Node(1, "a", replicas: 1), Node(2, "b", others: 50)).ShouldBe("node-2");

    [Fact]
    public void Within_the_zone_the_node_with_the_fewest_replicas_wins_whatever_the_load() =>
        Winner(Node(1, "a", replicas: 1), Node(2, "a", others: 50), Node(3, "b", replicas: 2)).ShouldBe("node-2");

    [Fact]
    public void Where_replicas_are_equal_the_strategy_decides() =>
        Winner(Node(1, "a", replicas: 1, others: 5), Node(2, "a", replicas: 1, others: 1), Node(3, "a", replicas: 1, others: 3)).ShouldBe("node-2");

    [Fact]
    public void Binpack_decides_the_other_way_where_replicas_are_equal() => Winner(
        Replica with { Strategy = StrategyNames.Binpack },
        Node(1, "a", replicas: 1, others: 5), Node(2, "a", replicas: 1, others: 1)).ShouldBe("node-1");

    [Fact]
    public void Nodes_without_the_label_are_one_group() =>
        Winner(Node(1, null, replicas: 1), Node(2, null), Node(3, "a", others: 9)).ShouldBe("node-3");

    [Fact]
    public void Replicas_of_other_services_do_not_count() =>
        Winner(Node(1, "a").Holding(Make.Container("other", "service=s2"), Make.Container("none")), Node(2, "b", replicas: 1)).ShouldBe("node-1");

    [Fact]
    public void Replicas_on_nodes_that_take_nothing_count_for_their_zone()
    {
        var down = Node(1, "a", replicas: 2).With(facts => facts with { State = NodeState.Down });

        Winner(down, Node(2, "a"), Node(3, "b", replicas: 1)).ShouldBe("node-3");
    }

    [Fact]
    public void Filters_come_first() =>
        Winner(Replica with { Constraints = Make.Constraints("zone==a") }, Node(1, "a", replicas: 3), Node(2, "b")).ShouldBe("node-1");

    [Fact]
    public void Counts_are_in_the_score()
    {
        var winner = Placed(Replica, Node(1, "a", replicas: 2), Node(2, "a", replicas: 1)).Winner;

        winner.Name.ShouldBe("node-2");
        winner.PeersInGroup.ShouldBe(3);
        winner.PeersOnNode.ShouldBe(1);
    }

    [Fact]
    public void Equal_counts_are_explained_by_the_strategy() => Placed(Replica, Node(1, "a", others: 2), Node(2, "b", others: 1))
        .Why.ShouldBe("node-2 won: the fewest containers (1); next is node-1 (2)");

    [Fact]
    public void The_only_node_needs_no_comparison() => Placed(Replica, Node(1, "a", replicas: 5)).Why.ShouldBe("node-1 won: it is the only node that fits");

    [Fact]
    public void An_index_makes_no_difference_to_it()
    {
        var cluster = new TestCluster([.. Enumerable.Range(0, 300).Select(number => Node(number, $"z{number % 3}", replicas: number == 7 ? 0 : 1, others: number == 7 ? 9 : 0))]);

        Placement.Standard.Decide(Replica, new IndexedCluster(cluster)).ShouldBeOfType<Placed>().Winner.Name.ShouldBe("node-7");
    }

    private static string Winner(params TestNode[] nodes) => Winner(Replica, nodes);

    private static string Winner(PlacementRequest request, params TestNode[] nodes) => Placed(request, nodes).Winner.Name;

    private static Placed Placed(PlacementRequest request, params TestNode[] nodes) =>
        Placement.Standard.Decide(request, new TestCluster(nodes)).ShouldBeOfType<Placed>();

    private static TestNode Node(int number, string? zone, int replicas = 0, int others = 0) =>
        Make.Node(number, labels: zone is null ? null : $"zone={zone}", containers: others)
            .Holding([.. Enumerable.Range(0, replicas).Select(replica => Make.Container($"r{number}-{replica}", "service=s1"))]);
}
