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

    // What a full node has taken: nothing more fits.
    private const int ContainersPerNode = 3;

    private readonly PlacementIndex _index = new();
    private readonly Queue<string> _placed = new();
    private readonly Constraint[] _constraints;
    private long _serial;

    public IndexedScheduler(int nodes, bool constrained, double fill = 0)
    {
        _constraints = constrained ? [Parsed("zone==z3")] : [];
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
        }

        for (var i = 0; i < Math.Min(nodes, 10_000) * ContainersPerNode; i++)
        {
            Add();
        }
    }

    public static string ZoneOf(int node) => string.Create(CultureInfo.InvariantCulture, $"z{node % Zones}");

    public void Place()
    {
        Add();
        _index.Remove(_placed.Dequeue());
    }

    private void Add()
    {
        var serial = _serial++;
        var key = string.Create(CultureInfo.InvariantCulture, $"box-{serial}");
        var request = new PlacementRequest { MemoryBytes = Demand, Constraints = _constraints, Image = "busybox", Seed = (ulong)serial };
        if (_index.DecideAndReserve(key, key, request) is not ReserveResult.Reserved reserved)
        {
            throw new InvalidOperationException("Nothing was free, which the benchmark does not want to measure.");
        }

        _index.Put(key, new ContainerLoad(reserved.Decision.Node, [key], Demand, 0, []));
        _placed.Enqueue(key);
    }

    private static Constraint Parsed(string text) => Constraint.Parse(text) is ConstraintParse.Valid valid
        ? valid.Constraint
        : throw new InvalidOperationException($"{text} is no constraint.");
}
