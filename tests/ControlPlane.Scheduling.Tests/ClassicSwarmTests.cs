namespace ControlPlane.Scheduling.Tests;

/// <summary>
/// What classic Swarm 1.2.9 did on three real engines, request by request, and where this product differs on purpose. The requests
/// come one after the other, as they do here: a decision and its reservation are one step.
/// </summary>
public sealed class ClassicSwarmTests
{
    [Fact]
    public void Thirty_plain_creates_are_ten_on_each_of_three_nodes()
    {
        var cluster = Three();

        Run(cluster, Enumerable.Repeat(new PlacementRequest(), 30)).ShouldAllBe(isPlaced => isPlaced);

        Counts(cluster).ShouldBe([10, 10, 10]);
    }

    [Fact]
    public void Of_eight_creates_with_one_port_three_succeed_one_per_node()
    {
        var cluster = Three();

        Run(cluster, Enumerable.Repeat(new PlacementRequest { HostPorts = [Make.Port("8888")] }, 8)).ShouldBe([true, true, true, false, false, false, false, false]);

        Counts(cluster).ShouldBe([1, 1, 1]);
    }

    [Fact]
    public void Of_eight_creates_that_keep_apart_three_succeed_one_per_node()
    {
        var cluster = Three();
        var request = new PlacementRequest { Affinities = Make.Affinities("tier!=x"), Labels = Make.Container("x", "tier=x").Labels };

        Run(cluster, Enumerable.Repeat(request, 8)).Count(isPlaced => isPlaced).ShouldBe(3);

        Counts(cluster).ShouldBe([1, 1, 1]);
    }

    [Fact]
    public void Of_eight_creates_with_15_GiB_on_nodes_of_25_three_succeed()
    {
        var cluster = Three(memory: 25);

        Run(cluster, Enumerable.Repeat(new PlacementRequest { MemoryBytes = 15 * Make.GiB }, 8)).Count(isPlaced => isPlaced).ShouldBe(3);

        Counts(cluster).ShouldBe([1, 1, 1]);
    }

    [Fact]
    public void Twenty_GiB_fit_once_on_each_node_of_23_and_a_half()
    {
        var cluster = Three(memory: 23.5);

        Run(cluster, Enumerable.Repeat(new PlacementRequest { MemoryBytes = 20 * Make.GiB }, 4)).ShouldBe([true, true, true, false]);
    }

    [Fact]
    public void Whole_cpus_fill_three_nodes_of_two()
    {
        var cluster = Three();

        Run(cluster, new[] { 1, 1, 2, 2, 1 }.Select(cpus => new PlacementRequest { NanoCpus = cpus * Make.Cpu })).ShouldBe([true, true, true, false, true]);

        cluster.Slots.Select(node => node!.Usage.ReservedNanoCpus / Make.Cpu).Order().ShouldBe([1, 2, 2]);
    }

    [Fact]
    public void Overcommit_of_5_percent_does_not_make_three_cpus_of_two()
    {
        var cluster = Three();

        Run(cluster, [new PlacementRequest { NanoCpus = 3 * Make.Cpu }]).ShouldBe([false]);
        Run(cluster, [new PlacementRequest { NanoCpus = Make.Cpu * 21 / 10 }]).ShouldBe([true]);
    }

    [Fact]
    public void Plain_containers_after_one_with_memory_go_to_the_other_nodes()
    {
        var cluster = Three();

        Run(cluster, [new PlacementRequest { MemoryBytes = Make.GiB }, new(), new()]);

        Counts(cluster).ShouldBe([1, 1, 1]);
    }

    [Fact]
    public void With_memory_bigger_nodes_fill_in_proportion()
    {
        var cluster = new TestCluster(Make.Node(1, memory: 8), Make.Node(2, memory: 16), Make.Node(3, memory: 32));

        Run(cluster, Enumerable.Repeat(new PlacementRequest { MemoryBytes = Make.GiB }, 28));

        Counts(cluster).ShouldBe([4, 8, 16]);
    }

    [Theory]
    [InlineData("8080", "8080", false)]
    [InlineData("8080", "8080/udp", true)]
    [InlineData("10.0.0.1:8080", "10.0.0.2:8080", true)]
    [InlineData("10.0.0.1:8080", "8080", false)]
    [InlineData("0", "0", true)]
    public void Ports_clash_as_there_but_for_the_transport(string first, string second, bool bothFit)
    {
        var cluster = new TestCluster(Make.Node(1));

        Run(cluster, [new PlacementRequest { HostPorts = [Make.Port(first)] }, new PlacementRequest { HostPorts = [Make.Port(second)] }]).ShouldBe([true, bothFit]);
    }

    [Fact]
    public void A_missing_label_is_an_empty_value()
    {
        Run(Three(), [new PlacementRequest { Constraints = Make.Constraints("zone!=x") }]).ShouldBe([true]);
        Run(Three(), [new PlacementRequest { Constraints = Make.Constraints("zone==*") }]).ShouldBe([true]);
        Run(Three(), [new PlacementRequest { Constraints = Make.Constraints("zone==x") }]).ShouldBe([false]);
    }

    [Fact]
    public void Soft_expressions_are_given_up_all_or_none()
    {
        // One soft expression could be met on node-2; since the other can be met nowhere, neither counts.
        var cluster = new TestCluster(Make.Node(1, labels: "disk=hdd"), Make.Node(2, labels: "disk=ssd", containers: 1));

        var placed = Placement.Standard
            .Decide(new PlacementRequest { Constraints = Make.Constraints("disk==~ssd"), Affinities = Make.Affinities("container==~nowhere") }, cluster)
            .ShouldBeOfType<Placed>();

        placed.Winner.Name.ShouldBe("node-1");
        placed.SoftGivenUp.ShouldBeTrue();
    }

    [Fact]
    public void Soft_expressions_are_given_up_also_for_want_of_memory()
    {
        var cluster = new TestCluster(Make.Node(1, labels: "disk=ssd", memory: 1), Make.Node(2, memory: 8));
        var request = new PlacementRequest { MemoryBytes = 2 * Make.GiB, Constraints = Make.Constraints("disk==~ssd") };

        Placement.Standard.Decide(request, cluster).ShouldBeOfType<Placed>().Winner.Name.ShouldBe("node-2");
    }

    [Fact]
    public void Unlike_there_random_looks_at_what_is_free() =>
        Run(Three(memory: 1), [new PlacementRequest { MemoryBytes = 2 * Make.GiB, Strategy = StrategyNames.Random }]).ShouldBe([false]);

    [Fact]
    public void Unlike_there_a_refusal_says_which_nodes_failed_what() =>
        Placement.Standard.Decide(new PlacementRequest { Constraints = Make.Constraints("zone==q") }, Three()).ShouldBeOfType<Unplaceable>()
            .Text.ShouldBe("0 of 3 nodes fit: 3 miss label zone=q");

    private static TestCluster Three(double memory = 23.5) =>
        new([.. Enumerable.Range(1, 3).Select(number => Make.Node(number, memory: memory, cpus: 2, overcommit: 5))]);

    private static IEnumerable<int> Counts(TestCluster cluster) => cluster.Slots.Select(node => node!.Usage.ContainerCount);

    private static List<bool> Run(TestCluster cluster, IEnumerable<PlacementRequest> requests)
    {
        var outcomes = new List<bool>();
        foreach (var request in requests)
        {
            var decision = Placement.Standard.Decide(request with { Seed = (ulong)outcomes.Count }, cluster);
            outcomes.Add(decision is Placed);
            if (decision is Placed placed)
            {
                cluster.Run(request, placed.Node);
            }
        }

        return outcomes;
    }
}
