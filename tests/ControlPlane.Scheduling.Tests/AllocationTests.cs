using ControlPlane.Scheduling.Filters;

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

    // Conditions on containers walk over them where no index answers: that costs one enumerator per node and is left out here.
    private static readonly PlacementRequest Everything = new()
    {
        MemoryBytes = Make.GiB,
        NanoCpus = Make.Cpu,
        HostPorts = [Make.Port("443")],
        Constraints = Make.Constraints("disk==ssd", "zone!=b", "node!=node-9"),
        Affinities = Make.Affinities("image==nginx", "image!=busybox"),
        Dependencies = [new(DependencyKind.Network, "front"), new(DependencyKind.Volume, "data")],
        GenericResources = [new("gpu", 1)],
        Platform = new Platform("linux", "amd64"),
        EngineNeed = new EngineNeed("HostConfig.Annotations", new Version(1, 43)),
        AllowedNodes = new HashSet<NodeId> { new("id-1") },
        RefusedBy = new Dictionary<NodeId, string> { [new("id-2")] = "no" },
    };

    public static TheoryData<string> Filters => [.. StandardFilters.InOrder.Select(filter => filter.Name)];

    [Theory]
    [MemberData(nameof(Filters))]
    public void A_check_allocates_nothing_for_a_node_that_passes_or_fails(string filter)
    {
        var check = StandardFilters.InOrder.Single(one => one.Name == filter).For(Everything).ShouldNotBeNull();
        var passing = Make.Node(1, labels: "disk=ssd,zone=a", facts: "ostype=linux,architecture=x86_64")
            .With(images: ["nginx"], networks: ["front"], volumes: ["data"])
            .WithGeneric("gpu", 1)
            .With(facts => facts with { ContainerSlots = 1, ApiVersion = new Version(1, 44) }).View;
        var failing = Make.Node(2, NodeState.Down, NodeAvailability.Drain, "disk=hdd", "architecture=aarch64", memory: 0, ports: [Make.Port("443")])
            .With(facts => facts with { ContainerSlots = 0 }).View;

        check.Passes(passing).ShouldBeTrue();
        Least(() => check.Passes(passing)).ShouldBe(0);
        check.Passes(failing).ShouldBeFalse();
        Least(() => check.Passes(failing)).ShouldBe(0);
    }

    [Fact]
    public void Narrowing_by_many_labels_allocates_nothing_that_grows_with_the_cluster()
    {
        var check = new ConstraintFilter().For(Everything with { Constraints = Make.Constraints("disk==ssd", "zone!=b", "rack!=r1") }).ShouldNotBeNull();

        Narrowing(check, nodes: 5000).ShouldBe(Narrowing(check, nodes: 500));
    }

    private static long Narrowing(INodeCheck check, int nodes)
    {
        using var candidates = new SlotSet(nodes);
        var cluster = new NothingFound(nodes);
        return Least(() => check.Narrow(cluster, candidates));
    }

    private static long Least(Func<bool> action)
    {
        var least = long.MaxValue;
        for (var i = 0; i < 50; i++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            action();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
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

    private sealed class NothingFound(int slots) : IClusterView
    {
        public int NodeCount => slots;

        public int SlotCount => slots;

        public bool TryGetNode(int slot, out NodeView node)
        {
            node = default;
            return false;
        }

        public bool TryFind(in Term term, out ReadOnlySpan<ulong> slots)
        {
            slots = [];
            return true;
        }
    }
}
