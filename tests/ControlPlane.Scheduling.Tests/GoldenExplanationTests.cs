namespace ControlPlane.Scheduling.Tests;

/// <summary>
/// Whole explanations of a mixed cluster as people read them. A change of a text is a change of the product: it belongs in the
/// same commit.
/// </summary>
public sealed class GoldenExplanationTests
{
    private static readonly PlacementRequest Web = new()
    {
        MemoryBytes = 2 * Make.GiB,
        NanoCpus = Make.Cpu / 2,
        HostPorts = [Make.Port("443"), Make.Port("10.0.0.1:53/udp")],
        Constraints = Make.Constraints("disk==ssd", "zone!=c"),
        Affinities = Make.Affinities("container==db", "tier!=~web", "image==nginx*"),
        Dependencies = [new(DependencyKind.Link, "db"), new(DependencyKind.Network, "front"), new(DependencyKind.Volume, "data")],
        GenericResources = [new("gpu", 2)],
        Platform = new Platform("linux", "amd64"),
        AllowedNodes = Enumerable.Range(1, 9).Select(number => new NodeId($"id-{number}")).ToHashSet(),
        RefusedBy = new Dictionary<NodeId, string> { [new("id-5")] = "no space left on device" },
        Seed = 7,
    };

    [Fact]
    public void Every_node_has_every_reason() => Text(Web, Mixed()).ShouldBe(
        """
        node-1 won: less trouble lately (health 100); next is node-2 (health 67)
        node-1: weight -934, memory 25 %, CPU 41 %, 2 containers, health 100
        node-2: weight -629, memory 16 %, CPU 25 %, 1 containers, health 67
        node-10: allowed-nodes: you may not schedule on this node
        node-3: health: state is Down
                availability: node is draining
        node-4: slots: no container slot free of 1
                resources: 2 GiB asked, 1.2 GiB free of 16 GiB; 2 gpu asked, 1 free of 4
        node-5: refused: has refused this create: no space left on device
        node-6: port: ports 443/tcp and 10.0.0.1:53/udp are taken
                platform: needs linux/amd64, is linux/arm64
        node-7: constraint: needs `disk=ssd`, has `disk=hdd`; needs `zone!=c`, has `zone=c`
        node-8: dependency: container db is not on this node; network front is not on this node; volume data is not on this node
                affinity: needs a container `db`, has none; needs an image `nginx*`, has none
        node-9: affinity: must not have a container with `tier=web`, has one
        """);

    [Fact]
    public void A_refusal_counts_the_first_reason_of_every_node()
    {
        var cluster = Mixed();
        cluster.Slots.RemoveAll(node => node!.Facts.Name is "node-1" or "node-2");

        var request = Web with { Affinities = Make.Affinities("container==db", "tier!=web", "image==nginx*") };

        Placement.Standard.Explain(request, cluster).Text.ShouldBe(
            "0 of 8 nodes fit: 1 is Down, 1 is not open to you, 1 is without container db, 1 has a container with tier=web, "
            + "1 has no container slot free, 1 has ports 443/tcp and 10.0.0.1:53/udp taken, 1 has refused this create, 1 misses label disk=ssd");
    }

    [Fact]
    public void Without_the_soft_affinity_the_last_node_fits_and_is_judged_without_it()
    {
        var cluster = Mixed();
        cluster.Slots.RemoveAll(node => node!.Facts.Name is "node-1" or "node-2");

        var explanation = Placement.Standard.Explain(Web, cluster);

        explanation.Text.ShouldBe("node-9 won: it is the only node that fits");
        explanation.Decision.SoftGivenUp.ShouldBeTrue();
        explanation.Decision.Refused.ShouldBe(
        [
            new("health", 1), new("slots", 1), new("allowed-nodes", 1), new("refused", 1), new("port", 1), new("constraint", 1), new("dependency", 1),
        ]);
    }

    [Fact]
    public void Binpack_explains_the_same_nodes_in_its_own_order() => Text(Web with { Strategy = StrategyNames.Binpack }, Mixed()).Split('\n').Take(3).ShouldBe(
    [
        "node-1 won: less trouble lately (health 100); next is node-2 (health 67)",
        "node-1: weight 1066, memory 25 %, CPU 41 %, 2 containers, health 100",
        "node-2: weight 711, memory 16 %, CPU 25 %, 1 containers, health 67",
    ]);

    [Fact]
    public void Random_explains_the_same_nodes() => Text(Web with { Strategy = StrategyNames.Random }, Mixed()).Split('\n')[0]
        .ShouldBeOneOf(
            "node-1 won: drawn at random among the nodes that fit, by the request's seed",
            "node-2 won: drawn at random among the nodes that fit, by the request's seed");

    [Fact]
    public void Replicas_explain_the_group_and_the_node()
    {
        var cluster = new TestCluster(
            Make.Node(1, labels: "zone=a").Holding(Make.Container("r1", "service=s1")),
            Make.Node(2, labels: "zone=a"),
            Make.Node(3, labels: "zone=b").Holding(Make.Container("r2", "service=s1")),
            Make.Node(4));
        var request = new PlacementRequest { Preference = new SpreadPreference("zone", "service", "s1") };

        Placement.Standard.Explain(request, cluster).Text.ShouldBe("node-4 won: its zone has the fewest replicas (0); next is node-2 (1)");
        cluster.Slots.RemoveAt(3);
        Placement.Standard.Explain(request, cluster).Text.ShouldBe("node-2 won: it has the fewest replicas (0); next is node-1 (1)");
    }

    [Fact]
    public void Many_nodes_read_well_in_the_plural()
    {
        var cluster = new TestCluster(
        [
            .. Enumerable.Range(1, 4).Select(number => Make.Node(number, facts: "ostype=linux,architecture=aarch64")),
            .. Enumerable.Range(5, 3).Select(number => Make.Node(number).With(facts => facts with { ContainerSlots = 0 })),
            .. Enumerable.Range(8, 2).Select(number => Make.Node(number)),
        ]);
        var request = new PlacementRequest
        {
            Platform = new Platform("linux", "amd64"),
            Dependencies = [new(DependencyKind.Volume, "data")],
        };

        Placement.Standard.Decide(request, cluster).ShouldBeOfType<Unplaceable>().Text
            .ShouldBe("0 of 9 nodes fit: 4 are not linux/amd64, 3 have no container slot free, 2 are without volume data");
    }

    [Fact]
    public void No_reason_names_a_container_of_somebody_else()
    {
        var node = Make.Node(1, ports: [Make.Port("80")]).Holding(Make.Container("secret-name", "tier=web"));
        var request = new PlacementRequest
        {
            HostPorts = [Make.Port("80")],
            Affinities = Make.Affinities("container!=*", "tier!=w*", "container!=/^sec/"),
        };

        var explanation = Placement.Standard.Explain(request, new TestCluster(node));

        explanation.Nodes.SelectMany(one => one.Rejections).Select(rejection => rejection.Text + rejection.Summary).ShouldAllBe(text => !text.Contains("secret-name"));
        explanation.Text.ShouldNotContain("secret-name");
    }

    [Fact]
    public void A_label_of_megabytes_is_not_repeated()
    {
        var labels = NodeLabels.From(null, [KeyValuePair.Create("zone", new string('x', 5_000_000))], null);
        var node = Make.Node(1).With(facts => facts with { Labels = labels });

        var text = Placement.Standard.Explain(new PlacementRequest { Constraints = Make.Constraints("zone==a") }, new TestCluster(node)).Nodes[0].Rejections[0].Text;

        text.ShouldBe($"needs `zone=a`, has `zone={new string('x', 128)}…`");
    }

    [Theory]
    [InlineData(128, false)]
    [InlineData(129, true)]
    public void A_label_is_shown_up_to_a_length(int length, bool isCut)
    {
        var node = Make.Node(1, labels: $"zone={new string('x', length)}");

        var text = Placement.Standard.Explain(new PlacementRequest { Constraints = Make.Constraints("zone==a") }, new TestCluster(node)).Nodes[0].Rejections[0].Text;

        text.EndsWith("…`", StringComparison.Ordinal).ShouldBe(isCut);
    }

    private static TestCluster Mixed() =>
        new(
            Able(1, memory: 16, cpus: 4, reserved: 2, reservedCpus: 1.15).Holding(Make.Container("other")),
            Able(2, memory: 12, cpus: 2).With(facts => facts with { Health = 67 }),
            Able(3).With(facts => facts with { State = NodeState.Down, Availability = NodeAvailability.Drain }),
            Able(4, reserved: 14.75).With(facts => facts with { ContainerSlots = 1 }).WithGeneric("gpu", 4, 3),
            Able(5),
            Able(6, facts: "ostype=linux,architecture=aarch64", ports: [Make.Port("443"), Make.Port("53/udp")]),
            Able(7, labels: "disk=hdd,zone=c"),
            Make.Node(8, labels: "disk=ssd").WithGeneric("gpu", 4),
            Able(9).Holding(Make.Container("shop", "tier=web")),
            Able(10));

    private static TestNode Able(
        int number,
        string labels = "disk=ssd,zone=a",
        string facts = "ostype=linux,architecture=x86_64",
        double memory = 16,
        double cpus = 4,
        double reserved = 0,
        double reservedCpus = 0,
        params HostPort[] ports) =>
        Make.Node(number, labels: labels, facts: facts, memory: memory, cpus: cpus, reserved: reserved, reservedCpus: reservedCpus, ports: ports)
            .With(images: ["nginx", "nginx:1.27"], networks: ["front"], volumes: ["data"])
            .WithGeneric("gpu", 4)
            .Holding(Make.Container("db"));

    private static string Text(PlacementRequest request, TestCluster cluster)
    {
        var explanation = Placement.Standard.Explain(request, cluster);
        return string.Join('\n', [explanation.Text, .. explanation.Nodes.Select(Text)]).ReplaceLineEndings("\n");
    }

    private static string Text(NodeExplanation node) => node.Score is { } score
        ? $"{node.Name}: weight {score.Weight}, memory {score.MemoryPercent} %, CPU {score.CpuPercent} %, {score.Containers} containers, health {score.Health}"
        : $"{node.Name}: {string.Join($"\n{new string(' ', node.Name.Length + 2)}", node.Rejections.Select(rejection => $"{rejection.Filter}: {rejection.Text}"))}";
}
