using System.Globalization;

namespace ControlPlane.Bench.Scheduling;

/// <summary>What one writes first: filter, sort, take the first. It keeps names and counters like the index does.</summary>
internal sealed class NaiveScheduler
{
    private readonly List<Node> _nodes = [];
    private readonly Dictionary<string, Node> _names = new(StringComparer.Ordinal);
    private readonly Queue<string> _placed = new();
    private readonly SchedulingCase _case;
    private readonly long _demand;
    private long _serial;

    public NaiveScheduler(int nodes, SchedulingCase what)
    {
        _case = what;
        _demand = IndexedScheduler.DemandOf(what);
        for (var i = 0; i < nodes; i++)
        {
            _nodes.Add(new Node
            {
                Name = string.Create(CultureInfo.InvariantCulture, $"node-{i}"),
                Labels = new Dictionary<string, string>(StringComparer.Ordinal) { ["zone"] = IndexedScheduler.ZoneOf(i) },
                Free = IndexedScheduler.Memory,
            });
        }

        // The same load as the index has.
        for (var i = 0; i < nodes * 3; i++)
        {
            Take(_nodes[i % nodes]);
        }
    }

    public void Place()
    {
        var zone = _case switch
        {
            SchedulingCase.AnyZone => IndexedScheduler.ZoneOf((int)(_serial % IndexedScheduler.Zones)),
            SchedulingCase.OneZone => IndexedScheduler.ZoneOf(3),
            _ => null,
        };
        Take(_nodes
            .Where(node => node.Ready && node.Free >= _demand)
            .Where(node => zone is null || (node.Labels.TryGetValue("zone", out var own) && own == zone))
            .OrderBy(node => _demand == 0 ? 0 : (IndexedScheduler.Memory - node.Free + _demand) * 100 / IndexedScheduler.Memory)
            .ThenBy(node => node.Containers)
            .First());
        if (_names.Remove(_placed.Dequeue(), out var old))
        {
            old.Containers--;
            old.Free += _demand;
        }
    }

    private void Take(Node node)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"box-{_serial++}");
        _names[name] = node;
        node.Containers++;
        node.Free -= _demand;
        _placed.Enqueue(name);
    }

    private sealed class Node
    {
        public required string Name { get; init; }

        public required Dictionary<string, string> Labels { get; init; }

        public bool Ready { get; init; } = true;

        public int Containers { get; set; }

        public long Free { get; set; }
    }
}
