using CsCheck;

namespace ControlPlane.Scheduling.Tests;

/// <summary>Random clusters and requests, small enough that clashes, ties and refusals are frequent.</summary>
internal static class Generators
{
    private static readonly Gen<HostPort> Port =
        from address in Gen.OneOf("", "10.0.0.1", "10.0.0.2")
        from number in Gen.OneOf(0, 80, 443)
        from protocol in Gen.OneOf("tcp", "udp")
        select Create(address, number, protocol);

    private static readonly Gen<TestNode?> Node =
        from state in Gen.Frequency((6, Gen.Const(NodeState.Ready)), (1, Gen.Enum<NodeState>()))
        from availability in Gen.Frequency((6, Gen.Const(NodeAvailability.Active)), (1, Gen.Enum<NodeAvailability>()))
        from zone in Gen.OneOf<string?>(null, "zone=a", "zone=b,disk=ssd", "zone=ab,disk=hdd")
        from memory in Gen.Int[0, 8]
        from cpus in Gen.Int[0, 8]
        from overcommit in Gen.OneOf(0, 5, 50)
        from reserved in Gen.Int[0, 4]
        from containers in Gen.Int[0, 3]
        from ports in Port.Array[0, 2]
        from isGap in Gen.Frequency((9, Gen.Const(false)), (1, Gen.Const(true)))
        select isGap ? null : Make.Node(0, state, availability, zone, null, memory, cpus, overcommit, reserved, reserved / 2.0, containers, ports);

    public static readonly Gen<TestCluster> Cluster = Node.Array[1, 12].Select(Numbered);

    public static readonly Gen<TestCluster> LargeCluster = Node.Array[65, 200].Select(Numbered);

    public static readonly Gen<PlacementRequest> Request =
        from memory in Gen.OneOf(0, 0, Make.GiB / 2, Make.GiB, 3 * Make.GiB)
        from cpus in Gen.OneOf(0, 0, Make.Cpu / 2, Make.Cpu)
        from ports in Port.Array[0, 2]
        from constraints in Gen.OneOf(
            "zone==a", "zone==a*", "zone!=a", "disk==ssd", "disk==~ssd", "zone!=~b", "node==node-1", "node!=id-2", "zone==~nowhere").Array[0, 2]
        from allowed in Gen.Frequency((4, Gen.Int.Select(_ => (int[]?)null)), (1, Gen.Int[0, 11].Array[0, 8].Select(ids => (int[]?)ids)))
        from seed in Gen.ULong
        select new PlacementRequest
        {
            MemoryBytes = memory,
            NanoCpus = cpus,
            HostPorts = ports,
            Constraints = Make.Constraints(constraints),
            AllowedNodes = allowed?.Select(id => new NodeId($"id-{id}")).ToHashSet(),
            Seed = seed,
        };

    private static TestCluster Numbered(TestNode?[] nodes) => new(
        [.. nodes.Select((node, i) => node is null ? null : node with { Facts = node.Facts with { Id = new NodeId($"id-{i}"), Name = $"node-{i}" } })]);

    private static HostPort Create(string address, int port, string protocol)
    {
        HostPort.TryCreate(address, port, protocol, out var result).ShouldBeTrue();
        return result;
    }
}
