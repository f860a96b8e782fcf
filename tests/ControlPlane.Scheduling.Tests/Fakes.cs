namespace ControlPlane.Scheduling.Tests;

internal sealed class TestUsage : INodeUsage
{
    public long ReservedMemoryBytes { get; set; }

    public long ReservedNanoCpus { get; set; }

    public int ContainerCount { get; set; }

    public List<HostPort> Ports { get; init; } = [];

    public Dictionary<string, long> Generic { get; } = new(StringComparer.Ordinal);

    public List<ContainerFacts> Held { get; init; } = [];

    public IReadOnlyCollection<ContainerFacts> Containers => Held;

    public long ReservedGeneric(string name) => Generic.GetValueOrDefault(name);

    // A loop: the contract is that reading allocates nothing.
    public bool IsTaken(HostPort port)
    {
        foreach (var taken in Ports)
        {
            if (taken.ClashesWith(port))
            {
                return true;
            }
        }

        return false;
    }
}

internal sealed record TestNode(NodeFacts Facts, TestUsage Usage)
{
    public NodeView View => new(Facts, Usage);

    public TestNode Holding(params ContainerFacts[] containers)
    {
        Usage.Held.AddRange(containers);
        Usage.ContainerCount += containers.Length;
        return this;
    }

    public TestNode With(Func<NodeFacts, NodeFacts> change) => this with { Facts = change(Facts) };

    public TestNode With(string[]? images = null, string[]? networks = null, string[]? volumes = null) => With(facts => facts with
    {
        Contents = new NodeContents(Make.Set(images ?? []), Make.Set(networks ?? []), Make.Set(volumes ?? [])),
    });

    public TestNode WithGeneric(string name, long count, long reserved = 0)
    {
        Usage.Generic[name] = reserved;
        return With(facts => facts with { GenericResources = new Dictionary<string, long>(facts.GenericResources, StringComparer.Ordinal) { [name] = count } });
    }
}

/// <summary>A cluster without any index: every question is answered by a scan.</summary>
internal sealed class TestCluster(params TestNode?[] slots) : IClusterView
{
    public List<TestNode?> Slots { get; } = [.. slots];

    public int NodeCount => Slots.Count(slot => slot is not null);

    public int SlotCount => Slots.Count;

    public bool TryGetNode(int slot, out NodeView node)
    {
        node = Slots[slot]?.View ?? default;
        return Slots[slot] is not null;
    }

    public TestNode Find(NodeId id) => Slots.OfType<TestNode>().Single(node => node.Facts.Id == id);

    public void Run(PlacementRequest request, NodeId on)
    {
        var usage = Find(on).Usage;
        usage.ContainerCount++;
        usage.ReservedMemoryBytes += request.MemoryBytes;
        usage.ReservedNanoCpus += request.NanoCpus;
        usage.Ports.AddRange(request.HostPorts.Where(port => !port.IsEphemeral));
        usage.Held.Add(new ContainerFacts { Id = $"placed-{usage.ContainerCount}", Names = [$"placed-{usage.ContainerCount}"], Labels = request.Labels });
        foreach (var resource in request.GenericResources)
        {
            usage.Generic[resource.Name] = usage.Generic.GetValueOrDefault(resource.Name) + resource.Count;
        }
    }
}

internal static class Make
{
    public const long GiB = 1L << 30;

    public const long Cpu = 1_000_000_000;

    public static TestNode Node(
        int number,
        NodeState state = NodeState.Ready,
        NodeAvailability availability = NodeAvailability.Active,
        string? labels = null,
        string? facts = null,
        double memory = 16,
        double cpus = 4,
        int overcommit = 0,
        double reserved = 0,
        double reservedCpus = 0,
        int containers = 0,
        params HostPort[] ports) =>
        new(
            new NodeFacts
            {
                Id = new NodeId($"id-{number}"),
                Name = $"node-{number}",
                State = state,
                Availability = availability,
                Labels = NodeLabels.From(Pairs(facts), Pairs(labels), null),
                Capacity = new NodeCapacity((long)(memory * GiB), (long)(cpus * Cpu), overcommit),
            },
            new TestUsage
            {
                ReservedMemoryBytes = (long)(reserved * GiB),
                ReservedNanoCpus = (long)(reservedCpus * Cpu),
                ContainerCount = containers,
                Ports = [.. ports],
            });

    public static Constraint[] Constraints(params string[] expressions) =>
        [.. expressions.Select(expression => Constraint.Parse(expression).ShouldBeOfType<ConstraintParse.Valid>().Constraint)];

    public static Affinity[] Affinities(params string[] expressions) =>
        [.. expressions.Select(expression => Affinity.Parse(expression).ShouldBeOfType<AffinityParse.Valid>().Affinity)];

    /// <summary>A container with the id <c>id-NAME</c> and the engine's id <c>engine-NAME</c>; further names after a comma.</summary>
    public static ContainerFacts Container(string names, string? labels = null) =>
        new()
        {
            Id = $"id-{names.Split(',')[0]}",
            EngineId = $"engine-{names.Split(',')[0]}",
            Names = names.Split(','),
            Labels = Pairs(labels).ToDictionary(StringComparer.Ordinal),
        };

    public static IReadOnlySet<string> Set(params string[] items) => items.ToHashSet(StringComparer.Ordinal);

    public static HostPort Port(string text)
    {
        var (rest, protocol) = text.Split('/') is [var first, var second] ? (first, second) : (text, "tcp");
        var colon = rest.LastIndexOf(':');
        var address = colon < 0 ? null : rest[..colon];
        HostPort.TryCreate(address, int.Parse(rest[(colon + 1)..]), protocol, out var port).ShouldBeTrue();
        return port;
    }

    private static IEnumerable<KeyValuePair<string, string>> Pairs(string? text) =>
        (text ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries)
            .Select(pair => pair.Split('='))
            .Select(pair => KeyValuePair.Create(pair[0], pair[1]));
}
