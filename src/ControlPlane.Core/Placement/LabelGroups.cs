using ControlPlane.Scheduling;

namespace ControlPlane.Core.Placement;

/// <summary>
/// Nodes by the value of a label, for labels that requests ask for: kept from the first question on, for so many keys at most
/// that a change of a node stays cheap.
/// </summary>
internal sealed class LabelGroups
{
    // Every node change updates its group under each key; clusters are constrained by a handful of labels.
    private const int MaxKeys = 8;

    private readonly List<Partition> _partitions = [];

    /// <summary>The nodes with this value, or null when there are none.</summary>
    public Group? Find(string key, string value, Func<IEnumerable<(int Slot, NodeFacts Facts, NodeUsage Usage)>> nodes)
    {
        var at = IndexOf(key);
        if (at < 0)
        {
            if (_partitions.Count == MaxKeys)
            {
                _partitions.RemoveAt(MaxKeys - 1);
            }

            _partitions.Insert(0, new Partition(key));
            foreach (var (slot, facts, usage) in nodes())
            {
                _partitions[0].Place(slot, facts, usage);
            }
        }
        else if (at > 0)
        {
            // The most recently asked for is first; the last one goes when another key comes.
            var asked = _partitions[at];
            _partitions.RemoveAt(at);
            _partitions.Insert(0, asked);
        }

        return _partitions[0].Groups.GetValueOrDefault(value);
    }

    private int IndexOf(string key)
    {
        for (var i = 0; i < _partitions.Count; i++)
        {
            if (string.Equals(_partitions[i].Key, key, StringComparison.Ordinal))
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>The node is new, or something of it has changed.</summary>
    public void Place(int slot, NodeFacts facts, NodeUsage usage)
    {
        foreach (var partition in _partitions)
        {
            partition.Place(slot, facts, usage);
        }
    }

    /// <summary>Only what is on it has changed.</summary>
    public void Update(int slot, NodeFacts facts, NodeUsage usage)
    {
        foreach (var partition in _partitions)
        {
            partition.BySlot[slot]!.Ranks.Set(slot, facts, usage);
        }
    }

    public void Remove(int slot)
    {
        foreach (var partition in _partitions)
        {
            partition.Leave(slot);
        }
    }

    /// <summary>The nodes with one value.</summary>
    internal sealed class Group
    {
        public SlotBits Slots { get; } = new();

        public RankTable Ranks { get; } = new();
    }

    private sealed class Partition(string key)
    {
        public string Key => key;

        public Dictionary<string, Group> Groups { get; } = new(StringComparer.Ordinal);

        public List<Group?> BySlot { get; } = [];

        public void Place(int slot, NodeFacts facts, NodeUsage usage)
        {
            while (BySlot.Count <= slot)
            {
                BySlot.Add(null);
            }

            var value = facts.Labels.Find(key) ?? "";
            if (!Groups.TryGetValue(value, out var group))
            {
                Groups[value] = group = new Group();
            }

            if (BySlot[slot] != group)
            {
                Leave(slot);
                BySlot[slot] = group;
                group.Slots.Set(slot, true);
                group.Ranks.Insert(slot);
            }

            group.Ranks.Set(slot, facts, usage);
        }

        public void Leave(int slot)
        {
            if (slot < BySlot.Count && BySlot[slot] is { } group)
            {
                group.Slots.Set(slot, false);
                group.Ranks.Remove(slot);
                BySlot[slot] = null;
            }
        }
    }
}
