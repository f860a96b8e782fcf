using System.Globalization;

namespace ControlPlane.Bench.Scheduling;

/// <summary>What one writes first: filter, sort, take the first. It keeps names and counters like the index does.</summary>
internal sealed class NaiveScheduler
{
    private readonly List<Node> _nodes = [];
    private readonly Dictionary<string, Node> _names = new(StringComparer.Ordinal);
    private readonly Queue<string> _placed = new();
    private readonly BenchCluster _cluster;
    private long _serial;

    public NaiveScheduler(BenchCluster cluster)
    {
        _cluster = cluster;
        for (var i = 0; i < cluster.Nodes; i++)
        {
            var node = new Node
            {
                Labels = new Dictionary<string, string>(StringComparer.Ordinal) { ["zone"] = BenchCluster.ZoneOf(i) },
                Memory = cluster.MemoryOf(i),
                Cpus = cluster.CpusOf(i),
            };
            _nodes.Add(node);
            node.Containers[BenchCluster.Anchor(i)] = "";
            node.UsedMemory = cluster.IsFull(i) ? node.Memory : 0;
            for (var container = 0; container < cluster.ContainersOf(i); container++)
            {
                var name = Enter(node, cluster.IsFull(i) ? 0 : cluster.Memory);
                if (cluster.Churns(i))
                {
                    _placed.Enqueue(name);
                }
            }
        }
    }

    public void Place()
    {
        var zone = _cluster.Zone(_serial) is { } number ? BenchCluster.ZoneOf(number) : null;
        var winner = _cluster.Case switch
        {
            SchedulingCase.Soft => Best(node => node.Labels["zone"] == zone && node.Labels["zone"] == "nowhere") ?? Best(_ => true),
            SchedulingCase.ContainerAffinity => Best(node => node.Containers.ContainsKey(BenchCluster.Anchor((int)(_serial % 64) * _cluster.Nodes / 64))),
            SchedulingCase.LabelAntiAffinity => Best(node => !node.Containers.ContainsValue(BenchCluster.TierOf(7))),
            _ => Best(node => zone is null || (node.Labels.TryGetValue("zone", out var own) && own == zone)),
        };
        _placed.Enqueue(Enter(winner!, _cluster.Memory));
        var oldest = _placed.Dequeue();
        if (_names.Remove(oldest, out var old))
        {
            old.Containers.Remove(oldest);
            old.UsedMemory -= _cluster.Memory;
            old.UsedCpus -= _cluster.NanoCpus;
        }
    }

    private Node? Best(Func<Node, bool> fits) => _nodes
        .Where(node => node.Ready && node.UsedMemory + _cluster.Memory <= node.Memory && node.UsedCpus + _cluster.NanoCpus <= node.Cpus)
        .Where(fits)
        .OrderBy(node => (_cluster.Memory == 0 ? 100 : (node.UsedMemory + _cluster.Memory) * 100 / node.Memory)
            + (_cluster.NanoCpus == 0 ? 100 : (node.UsedCpus + _cluster.NanoCpus) * 100 / node.Cpus))
        .ThenBy(node => node.Containers.Count)
        .FirstOrDefault();

    private string Enter(Node node, long memory)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"box-{_serial}");
        _names[name] = node;
        node.Containers[name] = BenchCluster.TierOf(_serial % BenchCluster.Tiers is 7 && _serial % 1000 != 7 ? 8 : _serial);
        node.UsedMemory += memory;
        node.UsedCpus += _cluster.NanoCpus;
        _serial++;
        return name;
    }

    private sealed class Node
    {
        public bool Ready { get; set; } = true;

        public required Dictionary<string, string> Labels { get; init; }

        public required long Memory { get; init; }

        public required long Cpus { get; init; }

        public Dictionary<string, string> Containers { get; } = new(StringComparer.Ordinal);

        public long UsedMemory { get; set; }

        public long UsedCpus { get; set; }
    }
}
