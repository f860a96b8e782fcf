using System.Collections.Frozen;

namespace ControlPlane.Scheduling;

/// <summary>What is to be placed and under which conditions. Immutable; everything in it is already parsed.</summary>
public sealed record PlacementRequest
{
    private static readonly FrozenDictionary<NodeId, string> NobodyRefused = FrozenDictionary<NodeId, string>.Empty;

    /// <summary>Memory to reserve in bytes; 0 asks for none. At most <see cref="NodeCapacity.MaxQuantity"/>.</summary>
    public long MemoryBytes { get; init => field = InRange(value); }

    /// <summary>CPUs to reserve in billionths (1 CPU = 1,000,000,000); 0 asks for none. At most <see cref="NodeCapacity.MaxQuantity"/>.</summary>
    public long NanoCpus { get; init => field = InRange(value); }

    /// <summary>Ports to publish on the host.</summary>
    public IReadOnlyList<HostPort> HostPorts { get; init; } = [];

    /// <summary>Hard and soft constraints, all of which must hold; the soft ones are given up together when no node fits.</summary>
    public IReadOnlyList<Constraint> Constraints { get; init; } = [];

    /// <summary>Hard and soft affinities; the soft ones are given up together with soft constraints.</summary>
    public IReadOnlyList<Affinity> Affinities { get; init; } = [];

    /// <summary>What the node has to hold already.</summary>
    public IReadOnlyList<Dependency> Dependencies { get; init; } = [];

    /// <summary>Generic resources to reserve, each name once.</summary>
    public IReadOnlyList<GenericResource> GenericResources { get; init; } = [];

    /// <summary>What the image was built for, or null when that is not known.</summary>
    public Platform? Platform { get; init; }

    /// <summary>What of it not every engine knows; null when all do.</summary>
    public EngineNeed? EngineNeed { get; init; }

    /// <summary>Labels the container will have; it counts as a neighbour with them from the reservation on.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = ContainerFacts.NoLabels;

    /// <summary>Spread replicas over a node label first, or null.</summary>
    public SpreadPreference? Preference { get; init; }

    /// <summary>Nodes that have refused this very create, with their reasons; they are not asked again.</summary>
    public IReadOnlyDictionary<NodeId, string> RefusedBy { get; init; } = NobodyRefused;

    /// <summary>The image as asked for, e.g. <c>busybox:1.36</c>.</summary>
    public string Image { get; init; } = "";

    /// <summary>Name of the strategy that ranks the nodes that fit; see <see cref="StrategyNames"/>.</summary>
    public string Strategy { get; init; } = StrategyNames.Spread;

    /// <summary>The only nodes to consider (those the caller may schedule on), or null for all.</summary>
    public IReadOnlySet<NodeId>? AllowedNodes { get; init; }

    /// <summary>Breaks ties: the same seed over the same view gives the same node.</summary>
    public ulong Seed { get; init; }

    /// <summary>True when something in the request may be given up.</summary>
    public bool HasSoft => Constraints.Any(constraint => constraint.IsSoft) || Affinities.Any(affinity => affinity.IsSoft);

    /// <summary>Returns the request without everything that may be given up.</summary>
    public PlacementRequest WithoutSoft() => this with
    {
        Constraints = [.. Constraints.Where(constraint => !constraint.IsSoft)],
        Affinities = [.. Affinities.Where(affinity => !affinity.IsSoft)],
    };

    private static long InRange(long value)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(value);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value, NodeCapacity.MaxQuantity);
        return value;
    }
}
