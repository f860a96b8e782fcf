using System.Globalization;

namespace ControlPlane.Bench.Scheduling;

/// <summary>The same cluster and the same requests for both parties.</summary>
internal sealed record BenchCluster(SchedulingCase Case, int Nodes, int ContainersPerNode)
{
    public const int Zones = 10;
    public const int Tiers = 50;
    public const long GiB = 1L << 30;
    public const long Cpu = 1_000_000_000;

    private const int FullOfAHundred = 97;

    public bool AsksMemory => Case is not (SchedulingCase.Plain or SchedulingCase.ContainerAffinity or SchedulingCase.LabelAntiAffinity or SchedulingCase.Soft);

    /// <summary>Each container's memory; nodes have room for twice as many.</summary>
    public long Memory => AsksMemory ? 64L << 20 : 0;

    public long NanoCpus => Case == SchedulingCase.MixedSizes ? Cpu / 50 : 0;

    /// <summary>Whether the constraint is on one zone only.</summary>
    public int? Zone(long serial) => Case switch
    {
        SchedulingCase.MemoryAndConstraint => (int)(serial % Zones),
        SchedulingCase.OneZone => 3,
        SchedulingCase.Soft => (int)(serial % Zones),
        _ => null,
    };

    /// <summary>1 for equal nodes.</summary>
    public int SizeOf(int node) => Case == SchedulingCase.MixedSizes ? 1 + (node % 8) : 1;

    public long MemoryOf(int node) => SizeOf(node) * ContainersPerNode * 2 * (64L << 20);

    public long CpusOf(int node) => SizeOf(node) * ContainersPerNode * 2 * (Cpu / 50);

    public int ContainersOf(int node) => SizeOf(node) * ContainersPerNode;

    public bool IsFull(int node) => Case == SchedulingCase.NearlyFull && node % 100 < FullOfAHundred;

    /// <summary>Whether the churn goes over this node: what is placed again and again goes only where there is always room.</summary>
    public bool Churns(int node) => !IsFull(node) && (Case != SchedulingCase.OneZone || node % Zones == 3);

    public static string NodeName(int node) => string.Create(CultureInfo.InvariantCulture, $"node-{node}");

    public static string ZoneOf(int node) => string.Create(CultureInfo.InvariantCulture, $"z{node % Zones}");

    public static string TierOf(long container) => string.Create(CultureInfo.InvariantCulture, $"t{container % Tiers}");

    /// <summary>A container that stays where it is.</summary>
    public static string Anchor(int node) => string.Create(CultureInfo.InvariantCulture, $"anchor-{node}");
}
