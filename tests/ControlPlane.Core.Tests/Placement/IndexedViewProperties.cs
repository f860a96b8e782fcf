using ControlPlane.Core.Placement;
using ControlPlane.Scheduling;
using CsCheck;

namespace ControlPlane.Core.Tests.Placement;

/// <summary>Decisions over the index are those over the same nodes without any index.</summary>
public sealed class IndexedViewProperties
{
    private const long GiB = 1L << 30;
    private const long Cpu = 1_000_000_000;

    private static readonly Gen<NodeFacts> Node =
        from state in Gen.Frequency((9, Gen.Const(NodeState.Ready)), (1, Gen.Enum<NodeState>()))
        from availability in Gen.Frequency((9, Gen.Const(NodeAvailability.Active)), (1, Gen.Enum<NodeAvailability>()))
        from zone in Gen.OneOf("a", "b", "")
        from disk in Gen.OneOf("ssd", "hdd")
        from size in Gen.OneOf(0, 1, 3, 4, 8)
        from health in Gen.Frequency((5, Gen.Const(100)), (1, Gen.OneOf(1, 34, 67)))
        from images in Gen.OneOf("nginx", "busybox").Array[0, 2]
        from volumes in Gen.OneOf("data", "logs").Array[0, 1]
        select new NodeFacts
        {
            Id = new NodeId(""),
            Name = "",
            State = state,
            Availability = availability,
            Capacity = new NodeCapacity(size * GiB, size * Cpu, 0),
            Health = health,
            Labels = NodeLabels.From(null, new Dictionary<string, string> { ["disk"] = disk }.Concat(zone.Length == 0 ? [] : [KeyValuePair.Create("zone", zone)]), null),
            Contents = new NodeContents(images.ToHashSet(), new HashSet<string>(), volumes.ToHashSet()),
        };

    private static readonly Gen<(int Node, string Name, long Memory, long Cpus, string? Tier)> Container =
        from node in Gen.Int[0, 299]
        from name in Gen.Int[0, 40]
        from memory in Gen.OneOf(0, 0, GiB / 3, GiB / 2, GiB, (3 * GiB) + 1)
        from cpus in Gen.OneOf(0, 0, Cpu / 10, Cpu)
        from tier in Gen.OneOf<string?>(null, "web", "db")
        select (node, $"name-{name}", memory, cpus, tier);

    private static readonly Gen<PlacementRequest> Request =
        from memory in Gen.OneOf(0, 0, 1, GiB / 3, GiB / 2, GiB)
        from cpus in Gen.OneOf(0, 0, Cpu / 10, Cpu / 3, Cpu)
        from constraints in Gen.OneOf("zone==a", "zone!=b", "disk==ssd", "disk!=~ssd", "zone==a*", "zone==~nowhere", "node!=n7").Array[0, 2]
        from affinities in Gen.Frequency((3, Gen.Const(Array.Empty<string>())), (2, Gen.OneOf(
            "container==name-3", "container!=name-4", "container==key-5", "container==engine-6", "tier==web", "tier!=web", "tier!=~db", "image==nginx", "image!=busybox").Array[1, 2]))
        from volume in Gen.Frequency((5, Gen.Const(Array.Empty<Dependency>())), (1, Gen.Const<Dependency[]>([new Dependency(DependencyKind.Volume, "data")])))
        from strategy in Gen.OneOf(StrategyNames.Spread, StrategyNames.Spread, StrategyNames.Binpack, StrategyNames.Random)
        from seed in Gen.ULong
        select new PlacementRequest
        {
            MemoryBytes = memory,
            NanoCpus = cpus,
            Constraints = [.. constraints.Select(text => ((ConstraintParse.Valid)Constraint.Parse(text)).Constraint)],
            Affinities = [.. affinities.Select(text => ((AffinityParse.Valid)Affinity.Parse(text)).Affinity)],
            Dependencies = volume,
            Strategy = strategy,
            Seed = seed,
        };

    [Fact]
    public void Decisions_over_the_index_equal_those_without_one() =>
        Gen.Select(Node.Array[70, 300], Container.Array[0, 400], Gen.Int[0, 299].Array[0, 20], Request.Array[1, 12]).Sample(
            (nodes, containers, removed, requests) =>
            {
                var index = new PlacementIndex();
                Register(index, nodes);

                // Before and after most changes: an index that is kept for a label from the first question on has to follow them.
                Array.ForEach(requests, request => Compare(index, request));
                for (var i = 0; i < containers.Length; i++)
                {
                    Put(index, i, containers[i]);
                }

                foreach (var number in removed)
                {
                    index.RemoveNode(new NodeId($"n{number}"));
                    index.Remove($"key-{number}");
                }

                Array.ForEach(requests, request => Compare(index, request));
                Register(index, [.. nodes.Reverse().Take(nodes.Length / 2)]);
                Array.ForEach(requests, request => Compare(index, request));
            },
            iter: 150);

    [Fact]
    public void Reservations_count_for_the_next_decision_by_label_and_by_name()
    {
        var index = new PlacementIndex();
        Register(index, [.. Enumerable.Range(0, 200).Select(_ => new NodeFacts { Id = new NodeId(""), Name = "", State = NodeState.Ready, Capacity = new NodeCapacity(GiB, Cpu) })]);
        var request = new PlacementRequest
        {
            Affinities = [((AffinityParse.Valid)Affinity.Parse("tier!=web")).Affinity],
            Labels = new Dictionary<string, string> { ["tier"] = "web" },
        };

        var nodes = Enumerable.Range(0, 200)
            .Select(i => index.DecideAndReserve($"k{i}", $"web-{i}", request with { Seed = (ulong)i }).ShouldBeOfType<ReserveResult.Reserved>().Decision.Node)
            .ToList();

        nodes.Distinct().Count().ShouldBe(200);
        index.DecideAndReserve("one-more", "one-more", request).ShouldBeOfType<ReserveResult.Unplaceable>();
        var beside = new PlacementRequest { Affinities = [((AffinityParse.Valid)Affinity.Parse("container==web-17")).Affinity] };
        index.DecideAndReserve("beside", "beside", beside).ShouldBeOfType<ReserveResult.Reserved>().Decision.Node.ShouldBe(nodes[17]);
        index.Release("k17");
        index.DecideAndReserve("again", "again", request).ShouldBeOfType<ReserveResult.Reserved>().Decision.Node.ShouldBe(nodes[17]);
    }

    [Fact]
    public void A_common_request_looks_at_few_nodes_of_a_large_cluster()
    {
        var index = new PlacementIndex();
        Register(index, [.. Enumerable.Range(0, 5000).Select(i => new NodeFacts
        {
            Id = new NodeId(""), Name = "", State = NodeState.Ready, Capacity = new NodeCapacity(GiB, Cpu), Labels = NodeLabels.From(null, [KeyValuePair.Create("zone", $"z{i % 10}")], null),
        })]);
        var request = new PlacementRequest { MemoryBytes = GiB / 4, Constraints = [((ConstraintParse.Valid)Constraint.Parse("zone==z3")).Constraint], Seed = 7 };

        var placed = index.DecideAndReserve("k", "web", request).ShouldBeOfType<ReserveResult.Reserved>().Decision;

        placed.Refused.ShouldBe([new FilterCount("constraint", 4500)]);
        (placed.NodesExamined - 4500).ShouldBeLessThan(8);
    }

    private static void Register(PlacementIndex index, NodeFacts[] nodes)
    {
        for (var i = 0; i < nodes.Length; i++)
        {
            index.UpsertNode(nodes[i] with { Id = new NodeId($"n{i}"), Name = $"n{i}" });
        }
    }

    private static void Put(PlacementIndex index, int number, (int Node, string Name, long Memory, long Cpus, string? Tier) container) =>
        index.Put($"key-{number}", new ContainerLoad(new NodeId($"n{container.Node}"), [container.Name], container.Memory, container.Cpus, [])
        {
            EngineId = $"engine-{number}",
            Labels = container.Tier is null ? ContainerFacts.NoLabels : new Dictionary<string, string> { ["tier"] = container.Tier },
        });

    private static void Compare(PlacementIndex index, PlacementRequest request)
    {
        var plain = Scheduling.Placement.Standard.Decide(request, new PlainView(index.View));
        var indexed = Scheduling.Placement.Standard.Decide(request, index.View);

        indexed.GetType().ShouldBe(plain.GetType(), request.ToString());
        indexed.SoftGivenUp.ShouldBe(plain.SoftGivenUp);
        if (indexed is Placed placed)
        {
            placed.Winner.ShouldBe(((Placed)plain).Winner);
            placed.Next.ShouldBe(((Placed)plain).Next);
            placed.Why.ShouldBe(((Placed)plain).Why);
        }
        else
        {
            indexed.Refused.ShouldBe(plain.Refused);
            ((Unplaceable)indexed).Text.ShouldBe(((Unplaceable)plain).Text);
        }
    }

    /// <summary>The same nodes in the same slots, and no answers but theirs.</summary>
    private sealed class PlainView(IClusterView nodes) : IClusterView
    {
        public int NodeCount => nodes.NodeCount;

        public int SlotCount => nodes.SlotCount;

        public bool TryGetNode(int slot, out NodeView node) => nodes.TryGetNode(slot, out node);
    }
}
