namespace ControlPlane.Scheduling.Tests;

public sealed class SpreadTests
{
    [Fact]
    public void Without_resources_the_node_with_the_fewest_containers_wins() =>
        Place(new PlacementRequest(), Make.Node(1, containers: 3), Make.Node(2, containers: 1), Make.Node(3, containers: 2))
            .Why.ShouldBe("node-2 won: the fewest containers (1); next is node-3 (2)");

    [Fact]
    public void Without_resources_what_is_reserved_does_not_count() =>
        Place(new PlacementRequest(), Make.Node(1, containers: 1), Make.Node(2, reserved: 15)).Winner.Name.ShouldBe("node-2");

    [Fact]
    public void With_memory_the_lowest_share_wins_whatever_the_count() =>
        Place(new PlacementRequest { MemoryBytes = Make.GiB }, Make.Node(1, memory: 4, containers: 0), Make.Node(2, memory: 32, containers: 9))
            .Why.ShouldBe("node-2 won: the least reserved with this request (memory 3 %); next is node-1 (memory 25 %)");

    [Fact]
    public void Memory_and_cpu_weigh_the_same() =>
        Place(
            new PlacementRequest { MemoryBytes = Make.GiB, NanoCpus = Make.Cpu },
            Make.Node(1, memory: 10, cpus: 2),
            Make.Node(2, memory: 2, cpus: 10, containers: 5),
            Make.Node(3, memory: 10, cpus: 1))
            .Why.ShouldBe("node-1 won: as much reserved as node-2 (memory 10 %, CPU 50 %) and fewer containers (0 against 5)");

    [Fact]
    public void With_cpus_only_memory_does_not_count() =>
        Place(new PlacementRequest { NanoCpus = Make.Cpu }, Make.Node(1, cpus: 4), Make.Node(2, cpus: 8, reserved: 16))
            .Why.ShouldBe("node-2 won: the least reserved with this request (CPU 12 %); next is node-1 (CPU 25 %)");

    [Fact]
    public void Overcommit_belongs_to_the_whole() =>
        Place(new PlacementRequest { MemoryBytes = 5 * Make.GiB }, Make.Node(1, memory: 10, overcommit: 100)).Winner.MemoryPercent.ShouldBe(25);

    [Fact]
    public void Equal_nodes_are_drawn_by_the_seed()
    {
        var why = Place(new PlacementRequest { Seed = 42 }, Make.Node(1, containers: 2), Make.Node(2, containers: 2)).Why;

        why.ShouldBe("node-1 won: as many containers as node-2 (2); the tie was broken by the request's seed");
    }

    [Fact]
    public void Equal_load_and_count_are_drawn_by_the_seed() =>
        Place(new PlacementRequest { Seed = 42, MemoryBytes = Make.GiB }, Make.Node(1), Make.Node(2))
            .Why.ShouldBe("node-1 won: as much reserved as node-2 (memory 6 %) and as many containers (0); the tie was broken by the request's seed");

    [Fact]
    public void Different_seeds_choose_different_nodes() =>
        Enumerable.Range(0, 100)
            .Select(seed => Place(new PlacementRequest { Seed = (ulong)seed }, Make.Node(1), Make.Node(2), Make.Node(3)).Winner.Name)
            .GroupBy(name => name)
            .Select(group => group.Count())
            .ShouldAllBe(count => count > 15);

    [Fact]
    public void The_only_node_that_fits_needs_no_comparison() =>
        Place(new PlacementRequest(), Make.Node(1, NodeState.Down), Make.Node(2)).Why.ShouldBe("node-2 won: it is the only node that fits");

    [Fact]
    public void The_next_three_are_kept_in_rank()
    {
        var placed = Place(new PlacementRequest(), [.. Enumerable.Range(1, 6).Select(number => Make.Node(number, containers: 10 - number))]);

        placed.Next.Select(score => score.Name).ShouldBe(["node-5", "node-4", "node-3"]);
    }

    private static Placed Place(PlacementRequest request, params TestNode[] nodes) =>
        Placement.Standard.Decide(request, new TestCluster(nodes)).ShouldBeOfType<Placed>();
}
