namespace ControlPlane.Scheduling.Tests;

public sealed class AllocationTests
{
    [Fact]
    public void Nothing_is_allocated_per_rejected_node()
    {
        var request = new PlacementRequest
        {
            MemoryBytes = Make.GiB,
            NanoCpus = Make.Cpu,
            Constraints = Make.Constraints("disk==ssd", "zone!=b*"),
            AllowedNodes = Enumerable.Range(0, 5000).Select(number => new NodeId($"id-{number}")).ToHashSet(),
        };

        Allocated(request, nodes: 2000).ShouldBe(Allocated(request, nodes: 200));
    }

    private static long Allocated(PlacementRequest request, int nodes)
    {
        var cluster = new TestCluster(
        [
            Make.Node(0, labels: "disk=ssd,zone=a"),
            .. Enumerable.Range(1, nodes).Select(number => (number % 5) switch
            {
                0 => Make.Node(number, NodeState.Down),
                1 => Make.Node(number, availability: NodeAvailability.Drain),
                2 => Make.Node(number, memory: 0.5),
                3 => Make.Node(number, labels: "disk=ssd,zone=bb"),
                _ => Make.Node(number, labels: "disk=hdd"),
            }),
        ]);
        var least = long.MaxValue;
        for (var i = 0; i < 20; i++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            Placement.Standard.Decide(request, cluster).ShouldBeOfType<Placed>();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }
}
