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

    // Names are not unique over the nodes here: no filter may rely on that.
    private static readonly Gen<ContainerFacts> Container =
        from name in Gen.OneOf("db", "web", "web,front/web", "cache,db/cache")
        from labels in Gen.OneOf<string?>(null, "tier=web", "tier=db,service=s1", "service=s1", "service=s2")
        select Make.Container(name, labels);

    private static readonly Gen<NodeContents> Contents =
        from images in Some("nginx", "nginx:1.27", "busybox", "sha256:aa")
        from networks in Some("front", "back")
        from volumes in Some("data", "logs")
        select new NodeContents(images, networks, volumes);

    private static readonly Gen<TestNode> Plain =
        from state in Gen.Frequency((9, Gen.Const(NodeState.Ready)), (1, Gen.Enum<NodeState>()))
        from availability in Gen.Frequency((9, Gen.Const(NodeAvailability.Active)), (1, Gen.Enum<NodeAvailability>()))
        from labels in Gen.OneOf<string?>(null, "zone=a", "zone=b,disk=ssd", "zone=ab,disk=hdd")
        from facts in Gen.OneOf<string?>(null, "ostype=linux", "ostype=linux,architecture=x86_64", "ostype=linux,architecture=aarch64", "ostype=windows,architecture=x86_64")
        from memory in Gen.Int[0, 8]
        from cpus in Gen.Int[0, 8]
        from overcommit in Gen.OneOf(0, 5, 50)
        from reserved in Gen.Int[0, 4]
        from ports in Port.Array[0, 2]
        select Make.Node(0, state, availability, labels, facts, memory, cpus, overcommit, reserved, reserved / 2.0, 0, ports);

    private static readonly Gen<TestNode?> Node =
        from plain in Plain
        from health in Gen.Frequency((3, Gen.Const(100)), (1, Gen.OneOf(99, 90, 67, 33, 1)))
        from slots in Gen.Frequency((3, Gen.Const((int?)null)), (1, Gen.Int[0, 4].Select(slots => (int?)slots)))
        from gpus in Gen.Int[0, 3]
        from taken in Gen.Int[0, 2]
        from contents in Contents
        from containers in Container.Array[0, 3]
        from isGap in Gen.Frequency((9, Gen.Const(false)), (1, Gen.Const(true)))
        select isGap ? null : plain
            .With(facts => facts with { Health = health, ContainerSlots = slots, Contents = contents })
            .WithGeneric("gpu", gpus, taken)
            .Holding(containers);

    public static readonly Gen<TestCluster> Cluster = Node.Array[1, 12].Select(Numbered);

    // More than the 128 candidates that are walked one by one.
    public static readonly Gen<TestCluster> LargeCluster = Node.Array[130, 260].Select(Numbered);

    private static readonly Gen<PlacementRequest> Loads =
        from memory in Gen.OneOf(0, 0, Make.GiB / 2, Make.GiB, 3 * Make.GiB)
        from cpus in Gen.OneOf(0, 0, Make.Cpu / 2, Make.Cpu)
        from ports in Port.Array[0, 2]
        from gpus in Gen.Frequency((4, Gen.Const(0)), (1, Gen.Int[1, 2]))
        from labels in Gen.OneOf<string?>(null, "tier=web", "service=s1")
        select new PlacementRequest
        {
            MemoryBytes = memory,
            NanoCpus = cpus,
            HostPorts = ports,
            GenericResources = gpus == 0 ? [] : [new GenericResource("gpu", gpus)],
            Labels = Make.Container("x", labels).Labels,
        };

    private static readonly Gen<PlacementRequest> Places =
        from loads in Loads
        from constraints in Gen.OneOf(
            "zone==a", "zone==a*", "zone!=a", "disk==ssd", "disk==~ssd", "zone!=~b", "node==node-1", "node!=id-2", "zone==~nowhere", "node.id!=id-1",
            "node.name==/node-[0-9]+/", "disk!=/^h/").Array[0, 2]
        from affinities in Gen.Frequency((2, Gen.Const(Array.Empty<string>())), (1, Gen.OneOf(
            "container==db", "container!=db", "container!=id-web", "container==engine-web", "container==/^(web|db)$/", "container==~front/web", "container!=db/cache",
            "tier==web", "tier!=web", "tier!=~web", "tier==d*", "service!=/s[12]/", "image==nginx", "image!=~nginx:1.27", "image==busy*", "image==~nowhere").Array[1, 2]))
        from dependencies in Gen.Frequency((3, Gen.Const(Array.Empty<Dependency>())), (1, Dependency.Array[1, 2]))
        select loads with
        {
            Constraints = Make.Constraints(constraints),
            Affinities = Make.Affinities(affinities),
            Dependencies = dependencies,
        };

    public static readonly Gen<PlacementRequest> Request =
        from places in Places
        from platform in Gen.Frequency((3, Gen.Const((Platform?)null)), (1, Gen.OneOf<Platform?>(
            new Platform("linux", "amd64"), new Platform("linux", ""), new Platform("", "arm64"), new Platform("linux", "386"))))
        from preference in Gen.Frequency((3, Gen.Const((SpreadPreference?)null)), (1, Gen.Const((SpreadPreference?)new SpreadPreference("zone", "service", "s1"))))
        from allowed in Gen.Frequency((4, Gen.Const((int[]?)null)), (1, Gen.Int[0, 11].Array[0, 8].Select(ids => (int[]?)ids)))
        from refused in Gen.Frequency((4, Gen.Const(Array.Empty<int>())), (1, Gen.Int[0, 11].Array[1, 3]))
        from strategy in Gen.OneOf(StrategyNames.Spread, StrategyNames.Binpack, StrategyNames.Random)
        from seed in Gen.ULong
        select places with
        {
            Platform = platform,
            Preference = preference,
            AllowedNodes = allowed?.Select(id => new NodeId($"id-{id}")).ToHashSet(),
            RefusedBy = refused.Distinct().ToDictionary(id => new NodeId($"id-{id}"), _ => "no space left on device"),
            Strategy = strategy,
            Seed = seed,
        };

    private static Gen<Dependency> Dependency =>
        from dependency in Gen.OneOf(
            new Dependency(DependencyKind.Link, "db"),
            new Dependency(DependencyKind.VolumesFrom, "front/web"),
            new Dependency(DependencyKind.Namespace, "engine-cache"),
            new Dependency(DependencyKind.Namespace, "id-web"),
            new Dependency(DependencyKind.Network, "front"),
            new Dependency(DependencyKind.Volume, "data"))
        select dependency;

    private static Gen<IReadOnlySet<string>> Some(params string[] items) =>
        Gen.Bool.Array[items.Length].Select(chosen => Make.Set([.. items.Where((_, i) => chosen[i])]));

    private static TestCluster Numbered(TestNode?[] nodes) => new(
        [.. nodes.Select((node, i) => node is null ? null : node with { Facts = node.Facts with { Id = new NodeId($"id-{i}"), Name = $"node-{i}" } })]);

    private static HostPort Create(string address, int port, string protocol)
    {
        HostPort.TryCreate(address, port, protocol, out var result).ShouldBeTrue();
        return result;
    }
}
