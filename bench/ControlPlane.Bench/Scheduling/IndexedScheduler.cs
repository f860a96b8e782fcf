using System.Globalization;
using ControlPlane.Core.Placement;
using ControlPlane.Scheduling;

namespace ControlPlane.Bench.Scheduling;

/// <summary>The product's index in steady churn: each placement is confirmed, and the oldest container leaves.</summary>
internal sealed class IndexedScheduler
{
    public const int Zones = 10;
    public const long Memory = 64L << 30;
    public const long Demand = 64L << 20;

    private const int ContainersPerNode = 3;

    private readonly PlacementIndex _index = new();
    private readonly Queue<string> _placed = new();
    private readonly Constraint[] _zones = [.. Enumerable.Range(0, Zones).Select(zone => Parsed($"zone=={ZoneOf(zone)}"))];
    private readonly SchedulingCase _case;
    private long _serial;

    public IndexedScheduler(int nodes, SchedulingCase what, double fill = 0)
    {
        _case = what;
        for (var i = 0; i < nodes; i++)
        {
            var id = new NodeId(string.Create(CultureInfo.InvariantCulture, $"node-{i}"));
            _index.UpsertNode(new NodeFacts
            {
                Id = id,
                Name = id.Value,
                State = NodeState.Ready,
                Availability = NodeAvailability.Active,
                Capacity = new NodeCapacity(Memory, 32_000_000_000),
                Labels = NodeLabels.From(null, new Dictionary<string, string> { ["zone"] = ZoneOf(i) }, null),
            });
            if (i < nodes * fill)
            {
                _index.Put($"full-{id.Value}", new ContainerLoad(id, [$"full-{id.Value}"], Memory * 2, 0, []));
            }
            else
            {
                Prepare(id);
            }
        }
    }

    public static long DemandOf(SchedulingCase what) => what == SchedulingCase.Memory ? Demand : 0;

    public static string ZoneOf(int node) => string.Create(CultureInfo.InvariantCulture, $"z{node % Zones}");

    public void Place()
    {
        Add();
        _index.Remove(_placed.Dequeue());
    }

    // A few on each node, without a decision each: that would take long where decisions are slow.
    private void Prepare(NodeId node)
    {
        for (var i = 0; i < ContainersPerNode; i++)
        {
            var key = NextKey();
            _index.Put(key, new ContainerLoad(node, [key], DemandOf(_case), 0, []));
            _placed.Enqueue(key);
        }
    }

    private string NextKey() => string.Create(CultureInfo.InvariantCulture, $"box-{_serial++}");

    private void Add()
    {
        var key = NextKey();
        var request = new PlacementRequest
        {
            MemoryBytes = DemandOf(_case),
            Constraints = _case switch
            {
                SchedulingCase.AnyZone => [_zones[_serial % Zones]],
                SchedulingCase.OneZone => [_zones[3]],
                _ => [],
            },
            Image = "busybox",
            Seed = (ulong)_serial,
        };
        if (_index.DecideAndReserve(key, key, request) is not ReserveResult.Reserved reserved)
        {
            throw new InvalidOperationException("Nothing was free, which the benchmark does not want to measure.");
        }

        _index.Put(key, new ContainerLoad(reserved.Decision.Node, [key], DemandOf(_case), 0, []));
        _placed.Enqueue(key);
    }

    private static Constraint Parsed(string text) => Constraint.Parse(text) is ConstraintParse.Valid valid
        ? valid.Constraint
        : throw new InvalidOperationException($"{text} is no constraint.");
}
