using ControlPlane.Scheduling.Strategies;
using CsCheck;

namespace ControlPlane.Scheduling.Tests;

/// <summary>What holds for every strategy.</summary>
public sealed class StrategyContractTests
{
    private static readonly Gen<NodeScore> Score =
        from id in Gen.Int[0, 3]
        from weight in Gen.Int[-3, 3]
        from containers in Gen.Int[0, 2]
        select new NodeScore(new NodeId($"id-{id}"), $"node-{id}", weight, null, null, containers) { Health = 100 };

    public static TheoryData<string> Names => [.. StandardStrategies.All.Select(strategy => strategy.Name)];

    [Fact]
    public void The_names_are_those_requests_can_ask_for() =>
        StandardStrategies.All.Select(strategy => strategy.Name).ShouldBe([StrategyNames.Spread, StrategyNames.Binpack, StrategyNames.Random]);

    [Fact]
    public void The_names_are_those_of_classic_swarm() =>
        new[] { StrategyNames.Spread, StrategyNames.Binpack, StrategyNames.Random }.ShouldBe(["spread", "binpack", "random"]);

    [Fact]
    public void Spread_is_asked_for_when_nothing_is_said() => new PlacementRequest().Strategy.ShouldBe(StrategyNames.Spread);

    [Fact]
    public void An_index_orders_spread_and_binpack() =>
        StandardStrategies.All.Select(strategy => strategy.Order).ShouldBe([RankOrder.LowestWeight, RankOrder.HighestWeight, RankOrder.Other]);

    [Theory]
    [MemberData(nameof(Names))]
    public void Comparing_the_other_way_round_turns_the_answer(string name) => Gen.Select(Score, Score).Sample((first, second) =>
        Math.Sign(Of(name).Compare(first, second)).ShouldBe(-Math.Sign(Of(name).Compare(second, first))));

    [Theory]
    [MemberData(nameof(Names))]
    public void The_order_is_transitive(string name) => Gen.Select(Score, Score, Score).Sample((first, second, third) =>
    {
        if (Of(name).Compare(first, second) <= 0 && Of(name).Compare(second, third) <= 0)
        {
            Of(name).Compare(first, third).ShouldBeLessThanOrEqualTo(0);
        }
    });

    [Theory]
    [InlineData("spread")]
    [InlineData("binpack")]
    public void The_key_of_an_index_orders_as_the_strategy_does(string name) => Gen.Select(Score, Score).Sample((first, second) =>
    {
        var order = Of(name).Order;
        Math.Sign(RankKey.Of(order, first.Weight, first.Containers).CompareTo(RankKey.Of(order, second.Weight, second.Containers)))
            .ShouldBe(Math.Sign(Of(name).Compare(first, second)));
    });

    [Theory]
    [MemberData(nameof(Names))]
    public void A_score_names_its_node_and_what_was_there_before(string name)
    {
        var node = Make.Node(7, memory: 8, cpus: 4, reserved: 1, reservedCpus: 1, containers: 3).With(facts => facts with { Health = 80 });

        var score = Of(name).Score(node.View, new PlacementRequest { MemoryBytes = Make.GiB, NanoCpus = Make.Cpu });

        score.Node.ShouldBe(new NodeId("id-7"));
        score.Name.ShouldBe("node-7");
        score.MemoryPercent.ShouldBe(25);
        score.CpuPercent.ShouldBe(50);
        score.Containers.ShouldBe(3);
        score.Health.ShouldBe(80);
        score.PeersInGroup.ShouldBeNull();
        score.PeersOnNode.ShouldBeNull();
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Scoring_allocates_nothing(string name)
    {
        var strategy = Of(name);
        var view = Make.Node(1).View;
        var request = new PlacementRequest { MemoryBytes = Make.GiB };
        var least = long.MaxValue;
        for (var i = 0; i < 50; i++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            strategy.Score(view, request);
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        least.ShouldBe(0);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_strategy_takes_the_only_node_and_says_so(string name) =>
        Placement.Standard.Decide(new PlacementRequest { Strategy = name }, new TestCluster(Make.Node(1))).ShouldBeOfType<Placed>()
            .Why.ShouldBe("node-1 won: it is the only node that fits");

    [Theory]
    [MemberData(nameof(Names))]
    public void A_preference_comes_before_the_strategy(string name)
    {
        var cluster = new TestCluster(
            Make.Node(1, labels: "zone=a").Holding(Make.Container("one", "service=s1")),
            Make.Node(2, labels: "zone=a"),
            Make.Node(3, labels: "zone=b", containers: 7));
        var request = new PlacementRequest { Strategy = name, Preference = new SpreadPreference("zone", "service", "s1") };

        var placed = Placement.Standard.Decide(request, cluster).ShouldBeOfType<Placed>();

        placed.Winner.Name.ShouldBe("node-3");
        placed.Strategy.ShouldBe(name);
        placed.Next.Select(score => score.Name).ShouldBe(["node-2", "node-1"]);
        placed.Why.ShouldBe("node-3 won: its zone has the fewest replicas (0); next is node-2 (1)");
    }

    private static IPlacementStrategy Of(string name) => StandardStrategies.All.Single(strategy => strategy.Name == name);
}
