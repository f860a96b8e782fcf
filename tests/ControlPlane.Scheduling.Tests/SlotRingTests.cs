namespace ControlPlane.Scheduling.Tests;

/// <summary>The order in which equal nodes are preferred.</summary>
public sealed class SlotRingTests
{
    [Fact]
    public void Every_node_comes_once_from_the_start_around()
    {
        var cluster = new TestCluster(Make.Node(0), Make.Node(1), null, Make.Node(3));

        Names(cluster, 0).ShouldBe(["node-0", "node-1", "node-3"]);
        Names(cluster, 1).ShouldBe(["node-1", "node-3", "node-0"]);
        Names(cluster, 2).ShouldBe(["node-3", "node-0", "node-1"]);
        Names(cluster, 3).ShouldBe(["node-3", "node-0", "node-1"]);
    }

    [Fact]
    public void An_empty_cluster_has_nobody()
    {
        SlotRing.Start(new TestCluster(), 42).ShouldBe(0);
        Names(new TestCluster(), 0).ShouldBeEmpty();
    }

    [Fact]
    public void The_start_is_a_slot_and_every_slot_is_a_start()
    {
        var cluster = new TestCluster(Make.Node(0), null, Make.Node(2), Make.Node(3), Make.Node(4));

        var starts = Enumerable.Range(0, 500).Select(seed => SlotRing.Start(cluster, (ulong)seed)).CountBy(start => start).ToDictionary();

        starts.Keys.Order().ShouldBe([0, 1, 2, 3, 4]);
        starts.Values.ShouldAllBe(count => count > 60);
    }

    [Fact]
    public void The_largest_seed_is_a_seed() => SlotRing.Start(new TestCluster(Make.Node(0), Make.Node(1)), ulong.MaxValue).ShouldBeInRange(0, 1);

    [Fact]
    public void What_runs_on_the_nodes_does_not_move_the_start()
    {
        var request = new PlacementRequest { Seed = 17 };
        var before = Placement.Standard.Decide(request, Cluster(containers: 0)).ShouldBeOfType<Placed>().Winner.Name;

        Placement.Standard.Decide(request, Cluster(containers: 8)).ShouldBeOfType<Placed>().Winner.Name.ShouldBe(before);
    }

    private static TestCluster Cluster(int containers) => new([.. Enumerable.Range(0, 7).Select(number => Make.Node(number, containers: containers))]);

    private static IEnumerable<string> Names(TestCluster cluster, int start) => SlotRing.All(cluster, start).Select(node => node.Name);
}
