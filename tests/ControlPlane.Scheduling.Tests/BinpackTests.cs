namespace ControlPlane.Scheduling.Tests;

public sealed class BinpackTests
{
    [Fact]
    public void Without_resources_the_node_with_the_most_containers_wins() =>
        Place(new PlacementRequest(), Make.Node(1, containers: 3), Make.Node(2, containers: 1), Make.Node(3, containers: 7))
            .Why.ShouldBe("node-3 won: the most containers (7); next is node-1 (3)");

    [Fact]
    public void Without_resources_what_is_reserved_does_not_count() =>
        Place(new PlacementRequest(), Make.Node(1, containers: 1), Make.Node(2, reserved: 15)).Winner.Name.ShouldBe("node-1");

    [Fact]
    public void With_memory_the_highest_share_wins_whatever_the_count() =>
        Place(new PlacementRequest { MemoryBytes = Make.GiB }, Make.Node(1, memory: 4), Make.Node(2, memory: 32, containers: 9))
            .Why.ShouldBe("node-1 won: the most reserved with this request (memory 25 %); next is node-2 (memory 3 %)");

    [Fact]
    public void A_full_node_is_passed_by() =>
        Place(new PlacementRequest { MemoryBytes = Make.GiB }, Make.Node(1, memory: 4, reserved: 3.5), Make.Node(2, memory: 4, reserved: 3), Make.Node(3, memory: 4, reserved: 1))
            .Why.ShouldBe("node-2 won: the most reserved with this request (memory 100 %); next is node-3 (memory 50 %)");

    [Fact]
    public void Memory_and_cpu_weigh_the_same() =>
        Place(
            new PlacementRequest { MemoryBytes = Make.GiB, NanoCpus = Make.Cpu },
            Make.Node(1, memory: 10, cpus: 2),
            Make.Node(2, memory: 2, cpus: 10, containers: 5),
            Make.Node(3, memory: 20, cpus: 2))
            .Why.ShouldBe("node-2 won: as much reserved as node-1 (memory 50 %, CPU 10 %) and more containers (5 against 0)");

    [Fact]
    public void With_cpus_only_memory_does_not_count() =>
        Place(new PlacementRequest { NanoCpus = Make.Cpu }, Make.Node(1, cpus: 8, reserved: 16), Make.Node(2, cpus: 4))
            .Why.ShouldBe("node-2 won: the most reserved with this request (CPU 25 %); next is node-1 (CPU 12 %)");

    [Fact]
    public void Equal_nodes_are_drawn_by_the_seed() =>
        Place(new PlacementRequest { Seed = 42 }, Make.Node(1, containers: 2), Make.Node(2, containers: 2))
            .Why.ShouldBe("node-1 won: as many containers as node-2 (2); the tie was broken by the request's seed");

    [Fact]
    public void Different_seeds_choose_different_nodes() =>
        Enumerable.Range(0, 100)
            .Select(seed => Place(new PlacementRequest { Seed = (ulong)seed }, Make.Node(1), Make.Node(2), Make.Node(3)).Winner.Name)
            .CountBy(name => name)
            .ShouldAllBe(group => group.Value > 15);

    [Fact]
    public void The_only_node_that_fits_needs_no_comparison() =>
        Place(new PlacementRequest(), Make.Node(1, NodeState.Down), Make.Node(2)).Why.ShouldBe("node-2 won: it is the only node that fits");

    [Fact]
    public void The_next_three_are_kept_in_rank() =>
        Place(new PlacementRequest(), [.. Enumerable.Range(1, 6).Select(number => Make.Node(number, containers: number))])
            .Next.Select(score => score.Name).ShouldBe(["node-5", "node-4", "node-3"]);

    [Fact]
    public void Requests_of_different_size_fill_nodes_as_in_classic_swarm()
    {
        var cluster = new TestCluster(Make.Node(1, cpus: 2), Make.Node(2, cpus: 2), Make.Node(3, cpus: 2));
        string[] outcomes =
        [
            .. new[] { 1, 1, 2, 2, 3 }.Select(cpus =>
            {
                var request = new PlacementRequest { NanoCpus = cpus * Make.Cpu, Strategy = StrategyNames.Binpack };
                var decision = Placement.Standard.Decide(request, cluster);
                if (decision is Placed placed)
                {
                    cluster.Run(request, placed.Node);
                }

                return decision is Unplaceable refusal ? refusal.Text : "placed";
            }),
        ];

        outcomes.ShouldBe(["placed", "placed", "placed", "placed", "0 of 3 nodes fit: 3 lack CPUs"]);
        cluster.Slots.Select(node => node!.Usage.ContainerCount).Order().ShouldBe([1, 1, 2]);
    }

    private static Placed Place(PlacementRequest request, params TestNode[] nodes) =>
        Placement.Standard.Decide(request with { Strategy = StrategyNames.Binpack }, new TestCluster(nodes)).ShouldBeOfType<Placed>();
}
