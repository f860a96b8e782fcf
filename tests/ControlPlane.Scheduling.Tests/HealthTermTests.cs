namespace ControlPlane.Scheduling.Tests;

/// <summary>How recent trouble of a node weighs in spread and binpack.</summary>
public sealed class HealthTermTests
{
    [Theory]
    [InlineData("spread", 100, -888)]
    [InlineData("spread", 67, -558)]
    [InlineData("spread", 1, 102)]
    [InlineData("binpack", 100, 1112)]
    [InlineData("binpack", 67, 782)]
    [InlineData("binpack", 1, 122)]
    public void Health_weighs_ten_times(string strategy, int health, int weight)
    {
        var placed = Place(strategy, new PlacementRequest { MemoryBytes = 2 * Make.GiB }, Sound(1, health, memory: 100, reserved: 10));

        placed.Winner.Health.ShouldBe(health);
        placed.Winner.Weight.ShouldBe(weight);
    }

    [Theory]
    [InlineData("spread")]
    [InlineData("binpack")]
    public void One_failure_outweighs_any_load_and_count(string strategy)
    {
        var request = new PlacementRequest { MemoryBytes = Make.GiB, NanoCpus = Make.Cpu };
        var (full, empty) = (Sound(1, strategy == "spread" ? 100 : 67, memory: 2, reserved: 1, containers: 9), Sound(2, strategy == "spread" ? 67 : 100, memory: 64));

        Place(strategy, request, full, empty).Winner.Name.ShouldBe(strategy == "spread" ? "node-1" : "node-2");
    }

    [Fact]
    public void Spread_says_when_health_decided() => Place("spread", new PlacementRequest(), Sound(1, 100, containers: 5), Sound(2, 67))
        .Why.ShouldBe("node-1 won: less trouble lately (health 100); next is node-2 (health 67)");

    [Fact]
    public void Binpack_says_when_health_decided() => Place("binpack", new PlacementRequest(), Sound(1, 100), Sound(2, 67, containers: 5))
        .Why.ShouldBe("node-1 won: less trouble lately (health 100); next is node-2 (health 67)");

    [Fact]
    public void Health_is_named_where_it_moved_the_weight_further_than_load() =>
        Place("spread", new PlacementRequest { MemoryBytes = Make.GiB }, Sound(1, 100, memory: 10), Sound(2, 98, memory: 5))
            .Why.ShouldBe("node-1 won: less trouble lately (health 100); next is node-2 (health 98)");

    [Fact]
    public void Load_is_named_where_it_moved_the_weight_as_far_as_health() =>
        Place("spread", new PlacementRequest { MemoryBytes = Make.GiB }, Sound(1, 100, memory: 10), Sound(2, 99, memory: 5))
            .Why.ShouldBe("node-1 won: the least reserved with this request (memory 10 %); next is node-2 (memory 20 %)");

    [Fact]
    public void Load_is_named_where_it_won_in_spite_of_health() =>
        Place("spread", new PlacementRequest { MemoryBytes = Make.GiB }, Sound(1, 99, memory: 10), Sound(2, 100, memory: 2))
            .Why.ShouldBe("node-1 won: the least reserved with this request (memory 10 %); next is node-2 (memory 50 %)");

    [Fact]
    public void Binpack_names_load_where_it_won_in_spite_of_health() =>
        Place("binpack", new PlacementRequest { MemoryBytes = Make.GiB }, Sound(1, 100, memory: 10), Sound(2, 99, memory: 2))
            .Why.ShouldBe("node-2 won: the most reserved with this request (memory 50 %); next is node-1 (memory 10 %)");

    [Fact]
    public void A_tie_of_load_and_health_together_does_not_claim_equal_load() =>
        Place("spread", new PlacementRequest { MemoryBytes = Make.GiB }, Sound(1, 100, memory: 5, containers: 1), Sound(2, 99, memory: 10))
            .Why.ShouldBe("node-2 won: as good as node-1 in load and health together (memory 10 %, health 99) and fewer containers (0 against 1)");

    [Fact]
    public void A_tie_of_load_and_health_together_may_be_drawn() =>
        Place("spread", new PlacementRequest { MemoryBytes = Make.GiB, Seed = 42 }, Sound(1, 100, memory: 5), Sound(2, 99, memory: 10))
            .Why.ShouldBe("node-1 won: as good as node-2 in load and health together (memory 20 %, health 100) and as many containers (0); the tie was broken by the request's seed");

    [Fact]
    public void Random_does_not_look_at_health() =>
        Enumerable.Range(0, 100).Count(seed => Place("random", new PlacementRequest { Seed = (ulong)seed }, Sound(1, 100), Sound(2, 1)).Winner.Name == "node-2")
            .ShouldBeInRange(30, 70);

    [Theory]
    [InlineData("spread", RankOrder.LowestWeight)]
    [InlineData("binpack", RankOrder.HighestWeight)]
    public void Weights_stay_within_what_an_index_can_tell_apart(string name, RankOrder order)
    {
        var strategy = Strategies.StandardStrategies.All.Single(one => one.Name == name);
        PlacementRequest[] requests = [new(), new() { MemoryBytes = Make.GiB }, new() { MemoryBytes = Make.GiB, NanoCpus = Make.Cpu }];
        TestNode[] nodes = [Sound(1, 100), Sound(1, 1), Sound(1, 100, memory: 1), Sound(1, 1, memory: 1), Sound(1, 100, memory: 1 << 20), Sound(1, 1, memory: 1 << 20)];

        foreach (var weight in requests.SelectMany(request => nodes.Select(node => strategy.Score(node.View, request).Weight)))
        {
            // The key of an index tells neighbours apart: nothing was cut off.
            RankKey.Of(order, weight, 0).ShouldNotBe(RankKey.Of(order, weight - 1, 0));
            RankKey.Of(order, weight, 0).ShouldNotBe(RankKey.Of(order, weight + 1, 0));
        }
    }

    private static TestNode Sound(int number, int health, double memory = 16, double reserved = 0, int containers = 0) =>
        Make.Node(number, memory: memory, reserved: reserved, containers: containers).With(facts => facts with { Health = health });

    private static Placed Place(string strategy, PlacementRequest request, params TestNode[] nodes) =>
        Placement.Standard.Decide(request with { Strategy = strategy }, new TestCluster(nodes)).ShouldBeOfType<Placed>();
}
