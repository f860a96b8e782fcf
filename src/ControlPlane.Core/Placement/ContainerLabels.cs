using ControlPlane.Scheduling;

namespace ControlPlane.Core.Placement;

/// <summary>On which nodes containers have which value of a label, for labels that affinities ask for.</summary>
internal sealed class ContainerLabels
{
    // Every container that comes or goes is looked at once for each key.
    private const int MaxKeys = 16;

    private readonly List<(string Key, Dictionary<string, Holders> Values)> _keys = [];

    /// <summary>The nodes with such a container, or null when there is none. The first question for a key looks at every container.</summary>
    public SlotBits? Find(string key, string value, Func<IEnumerable<(int Slot, NodeFacts Facts, NodeUsage Usage)>> nodes)
    {
        var at = IndexOf(key);
        if (at < 0)
        {
            if (_keys.Count == MaxKeys)
            {
                _keys.RemoveAt(MaxKeys - 1);
            }

            _keys.Insert(0, (key, new Dictionary<string, Holders>(StringComparer.Ordinal)));
            foreach (var (slot, _, usage) in nodes())
            {
                foreach (var container in usage.Containers)
                {
                    Count(_keys[0].Key, _keys[0].Values, slot, container.Labels, 1);
                }
            }
        }
        else if (at > 0)
        {
            var asked = _keys[at];
            _keys.RemoveAt(at);
            _keys.Insert(0, asked);
        }

        return _keys[0].Values.GetValueOrDefault(value)?.Slots;
    }

    private int IndexOf(string key)
    {
        for (var i = 0; i < _keys.Count; i++)
        {
            if (string.Equals(_keys[i].Key, key, StringComparison.Ordinal))
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>A container has come to a node (+1) or left it (−1).</summary>
    public void Count(int slot, IReadOnlyDictionary<string, string> labels, int by)
    {
        if (labels.Count == 0)
        {
            return;
        }

        foreach (var (key, values) in _keys)
        {
            Count(key, values, slot, labels, by);
        }
    }

    /// <summary>A node with everything on it has got its slot (+1) or loses it (−1).</summary>
    public void Count(int slot, NodeUsage usage, int by)
    {
        foreach (var container in usage.Containers)
        {
            Count(slot, container.Labels, by);
        }
    }

    private static void Count(string key, Dictionary<string, Holders> values, int slot, IReadOnlyDictionary<string, string> labels, int by)
    {
        if (!labels.TryGetValue(key, out var value))
        {
            return;
        }

        if (!values.TryGetValue(value, out var holders))
        {
            values[value] = holders = new Holders();
        }

        holders.Add(slot, by);
        if (holders.Slots.Population == 0)
        {
            values.Remove(value);
        }
    }

    private sealed class Holders
    {
        private readonly Dictionary<int, int> _counts = [];

        public SlotBits Slots { get; } = new();

        public void Add(int slot, int by)
        {
            var count = _counts.GetValueOrDefault(slot) + by;
            if (count == 0)
            {
                _counts.Remove(slot);
            }
            else
            {
                _counts[slot] = count;
            }

            Slots.Set(slot, count > 0);
        }
    }
}
