using ControlPlane.Scheduling.Strategies;

namespace ControlPlane.Scheduling.Tests;

public sealed class RandomTests
{
    private static readonly TestNode[] Four = [.. Enumerable.Range(1, 4).Select(number => Make.Node(number, containers: number * 10, reserved: number))];

    [Fact]
    public void Load_and_count_do_not_matter() =>
        Winners(Four, 400).ShouldAllBe(winner => winner.Value > 60 && winner.Value < 140);

    [Fact]
    public void Load_does_not_matter_with_resources_either() =>
        Winners(Four, 400, new PlacementRequest { MemoryBytes = Make.GiB, NanoCpus = Make.Cpu }).ShouldAllBe(winner => winner.Value > 60 && winner.Value < 140);

    [Fact]
    public void What_does_not_fit_is_never_drawn() =>
        Winners([Make.Node(1), Make.Node(2, NodeState.Down), Make.Node(3, memory: 1)], 100, new PlacementRequest { MemoryBytes = 2 * Make.GiB })
            .Keys.ShouldBe(["node-1"]);

    [Fact]
    public void The_same_seed_draws_the_same_node_whatever_the_slots()
    {
        TestNode?[] turned = [null, Four[3], Four[1], null, Four[0], Four[2]];

        foreach (var seed in Enumerable.Range(0, 50))
        {
            Place((ulong)seed, turned).Winner.ShouldBe(Place((ulong)seed, Four).Winner);
        }
    }

    [Fact]
    public void A_node_that_was_not_drawn_makes_no_difference()
    {
        foreach (var seed in Enumerable.Range(0, 50))
        {
            var all = Place((ulong)seed, Four);

            Place((ulong)seed, [.. Four.Where(node => node.Facts.Id != all.Next[^1].Node)]).Winner.ShouldBe(all.Winner);
            Place((ulong)seed, [.. Four.Where(node => node.Facts.Id != all.Node)]).Winner.ShouldBe(all.Next[0]);
        }
    }

    [Fact]
    public void The_draw_stays_the_same_from_version_to_version() =>
        Enumerable.Range(0, 8).Select(seed => Place((ulong)seed, Four).Winner.Name)
            .ShouldBe(["node-2", "node-2", "node-3", "node-3", "node-4", "node-1", "node-2", "node-2"]);

    [Fact]
    public void Neighbouring_seeds_do_not_draw_alike()
    {
        var drawn = Enumerable.Range(0, 1000).Select(seed => Place((ulong)seed, Four).Winner.Name).ToArray();

        drawn.Zip(drawn.Skip(1)).Count(pair => pair.First == pair.Second).ShouldBeInRange(180, 320);
    }

    [Fact]
    public void It_says_that_it_was_a_draw() =>
        Place(1, Make.Node(1), Make.Node(2)).Why.ShouldEndWith(" won: drawn at random among the nodes that fit, by the request's seed");

    [Fact]
    public void The_only_node_that_fits_was_not_drawn() => Place(1, Make.Node(1)).Why.ShouldBe("node-1 won: it is the only node that fits");

    [Fact]
    public void Shares_are_shown_all_the_same()
    {
        var winner = Placement.Standard.Decide(
            new PlacementRequest { MemoryBytes = 4 * Make.GiB, Strategy = StrategyNames.Random }, new TestCluster(Make.Node(1, reserved: 4, containers: 3)))
            .ShouldBeOfType<Placed>().Winner;

        winner.MemoryPercent.ShouldBe(50);
        winner.CpuPercent.ShouldBeNull();
        winner.Containers.ShouldBe(3);
        winner.Weight.ShouldBeGreaterThanOrEqualTo(0);
    }

    [Fact]
    public void An_index_cannot_order_it() => new RandomStrategy().Order.ShouldBe(RankOrder.Other);

    [Fact]
    public void Equal_draws_are_ordered_by_node_id()
    {
        var (first, second) = (new NodeScore(new NodeId("a"), "x", 5, null, null, 0), new NodeScore(new NodeId("b"), "x", 5, null, null, 9));

        new RandomStrategy().Compare(first, second).ShouldBeLessThan(0);
        new RandomStrategy().Compare(second, first).ShouldBeGreaterThan(0);
        new RandomStrategy().Compare(first, first).ShouldBe(0);
        new RandomStrategy().Compare(first with { Weight = 6 }, second).ShouldBeGreaterThan(0);
        new RandomStrategy().Compare(first, second with { Weight = 4 }).ShouldBeGreaterThan(0);
    }

    private static Dictionary<string, int> Winners(TestNode[] nodes, int draws, PlacementRequest? request = null) =>
        Enumerable.Range(0, draws).Select(seed => Place((ulong)seed, nodes, request).Winner.Name).CountBy(name => name).ToDictionary();

    private static Placed Place(ulong seed, params TestNode?[] nodes) => Place(seed, nodes, null);

    private static Placed Place(ulong seed, TestNode?[] nodes, PlacementRequest? request) => Placement.Standard
        .Decide((request ?? new PlacementRequest()) with { Seed = seed, Strategy = StrategyNames.Random }, new TestCluster(nodes)).ShouldBeOfType<Placed>();
}
