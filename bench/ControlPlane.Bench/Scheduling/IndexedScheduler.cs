using System.Globalization;
using ControlPlane.Core.Placement;
using ControlPlane.Scheduling;

namespace ControlPlane.Bench.Scheduling;

/// <summary>The product's index in steady churn: each placement is confirmed, and the oldest container leaves.</summary>
internal sealed class IndexedScheduler
{
    private static readonly Constraint[] InZones = [.. Enumerable.Range(0, BenchCluster.Zones).Select(zone => Condition($"zone=={BenchCluster.ZoneOf(zone)}"))];
    private static readonly Constraint[] SoftInZones = [.. Enumerable.Range(0, BenchCluster.Zones).Select(zone => Condition($"zone==~{BenchCluster.ZoneOf(zone)}"))];
    private static readonly Constraint Nowhere = Condition("zone==~nowhere");
    private static readonly Dictionary<string, string>[] Tiers =
        [.. Enumerable.Range(0, BenchCluster.Tiers).Select(tier => new Dictionary<string, string> { ["tier"] = BenchCluster.TierOf(tier) })];

    private readonly PlacementIndex _index = new();
    private readonly Queue<string> _placed = new();
    private readonly BenchCluster _cluster;
    private readonly Affinity[] _affinities;
    private long _serial;

    public IndexedScheduler(BenchCluster cluster)
    {
        _cluster = cluster;
        _affinities = cluster.Case switch
        {
            SchedulingCase.ContainerAffinity => [.. Enumerable.Range(0, 64).Select(i => Affine($"container=={BenchCluster.Anchor(i * cluster.Nodes / 64)}"))],
            SchedulingCase.LabelAntiAffinity => [Affine($"tier!={BenchCluster.TierOf(7)}")],
            _ => [],
        };
        for (var i = 0; i < cluster.Nodes; i++)
        {
            var id = new NodeId(BenchCluster.NodeName(i));
            _index.UpsertNode(new NodeFacts
            {
                Id = id,
                Name = id.Value,
                State = NodeState.Ready,
                Availability = NodeAvailability.Active,
                Capacity = new NodeCapacity(cluster.MemoryOf(i), cluster.CpusOf(i), 0),
                Labels = NodeLabels.From(null, new Dictionary<string, string> { ["zone"] = BenchCluster.ZoneOf(i) }, null),
            });
            _index.Put(BenchCluster.Anchor(i), new ContainerLoad(id, [BenchCluster.Anchor(i)], cluster.IsFull(i) ? cluster.MemoryOf(i) : 0, 0, []));
            for (var container = 0; container < cluster.ContainersOf(i); container++)
            {
                var key = NextKey();
                _index.Put(key, Load(id, key, cluster.IsFull(i) ? 0 : cluster.Memory, cluster.NanoCpus));
                if (cluster.Churns(i))
                {
                    _placed.Enqueue(key);
                }
            }
        }
    }

    public PlacementIndex Index => _index;

    public void Place()
    {
        var key = NextKey();
        if (_index.DecideAndReserve(key, key, Request()) is not ReserveResult.Reserved reserved)
        {
            throw new InvalidOperationException("Nothing was free, which the benchmark does not want to measure.");
        }

        _index.Put(key, Load(reserved.Decision.Node, key, _cluster.Memory, _cluster.NanoCpus));
        _placed.Enqueue(key);
        _index.Remove(_placed.Dequeue());
    }

    public PlacementRequest Request() => new()
    {
        MemoryBytes = _cluster.Memory,
        NanoCpus = _cluster.NanoCpus,
        Constraints = (_cluster.Case, _cluster.Zone(_serial)) switch
        {
            (SchedulingCase.Soft, { } zone) => [SoftInZones[zone], Nowhere],
            (_, { } zone) => [InZones[zone]],
            _ => [],
        },
        Affinities = _affinities.Length == 0 ? [] : [_affinities[_serial % _affinities.Length]],
        Labels = LabelsOf(_serial),
        Image = "busybox",
        Seed = (ulong)_serial,
    };

    private ContainerLoad Load(NodeId node, string key, long memory, long cpus) => new(node, [key], memory, cpus, []) { Labels = LabelsOf(_serial) };

    // One tier lives on one node in ten only, so that there is something to stay away from and somewhere to go.
    private static Dictionary<string, string> LabelsOf(long serial) => Tiers[serial % BenchCluster.Tiers is 7 && serial % 1000 != 7 ? 8 : (int)(serial % BenchCluster.Tiers)];

    private string NextKey() => string.Create(CultureInfo.InvariantCulture, $"box-{_serial++}");

    private static Constraint Condition(string text) => Constraint.Parse(text) is ConstraintParse.Valid valid
        ? valid.Constraint
        : throw new InvalidOperationException($"{text} is no constraint.");

    private static Affinity Affine(string text) => Affinity.Parse(text) is AffinityParse.Valid valid
        ? valid.Affinity
        : throw new InvalidOperationException($"{text} is no affinity.");
}
