using System.Globalization;

namespace ControlPlane.Bench.Scheduling;

/// <summary>What one writes first: filter, sort, take the first. It keeps names and counters like the index does.</summary>
internal sealed class NaiveScheduler
{
    private readonly List<Node> _nodes = [];
    private readonly Dictionary<string, Node> _names = new(StringComparer.Ordinal);
    private readonly Queue<string> _placed = new();
    private readonly string? _zone;
    private long _serial;

    public NaiveScheduler(int nodes, bool constrained)
    {
        _zone = constrained ? "z3" : null;
        for (var i = 0; i < nodes; i++)
        {
            _nodes.Add(new Node
            {
                Name = string.Create(CultureInfo.InvariantCulture, $"node-{i}"),
                Labels = new Dictionary<string, string>(StringComparer.Ordinal) { ["zone"] = IndexedScheduler.ZoneOf(i) },
                Free = IndexedScheduler.Memory,
            });
        }

        // The same load as the index has, spread without a decision each: that would take a minute.
        for (var i = 0; i < nodes * 3; i++)
        {
            Take(_nodes[i % nodes]);
        }
    }

    public void Place()
    {
        Take(_nodes
            .Where(node => node.Ready && node.Free >= IndexedScheduler.Demand)
            .Where(node => _zone is null || (node.Labels.TryGetValue("zone", out var zone) && zone == _zone))
            .OrderBy(node => node.Containers)
            .First());
        if (_names.Remove(_placed.Dequeue(), out var old))
        {
            old.Containers--;
            old.Free += IndexedScheduler.Demand;
        }
    }

    private void Take(Node node)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"box-{_serial++}");
        _names[name] = node;
        node.Containers++;
        node.Free -= IndexedScheduler.Demand;
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
