using ControlPlane.Scheduling;

namespace ControlPlane.Core.Placement;

/// <summary>
/// Nodes in slots, their totals and the buckets over them. Totals exist for every node that something is known to be on;
/// only a registered one has a slot and can be chosen.
/// </summary>
internal sealed class NodeSlots : IClusterView
{
    private readonly List<Entry?> _slots = [];
    private readonly Stack<int> _free = [];
    private readonly Dictionary<NodeId, Entry> _nodes = [];
    private readonly CountBuckets _buckets = new();

    public int NodeCount => _slots.Count - _free.Count;

    public int SlotCount => _slots.Count;

    public bool TryGetNode(int slot, out NodeView node)
    {
        if (_slots[slot] is { Facts: { } facts } entry)
        {
            node = new NodeView(facts, entry.Usage);
            return true;
        }

        node = default;
        return false;
    }

    public void Register(NodeFacts facts)
    {
        var entry = EntryOf(facts.Id);
        entry.Facts = facts;
        if (entry.Slot >= 0)
        {
            return;
        }

        if (!_free.TryPop(out var slot))
        {
            slot = _slots.Count;
            _slots.Add(null);
        }

        _slots[slot] = entry;
        entry.Slot = slot;
        _buckets.Add(entry.Usage.ContainerCount, slot);
    }

    public void Unregister(NodeId id)
    {
        if (!_nodes.TryGetValue(id, out var entry) || entry.Slot < 0)
        {
            return;
        }

        _buckets.Remove(entry.Usage.ContainerCount, entry.Slot);
        _slots[entry.Slot] = null;
        _free.Push(entry.Slot);
        entry.Slot = -1;
        entry.Facts = null;
        Forget(id, entry);
    }

    public void Add(string key, bool reserved, ContainerLoad load)
    {
        var entry = EntryOf(load.Node);
        var before = entry.Usage.ContainerCount;
        entry.Usage.Add(key, reserved, load);
        Move(entry, before);
    }

    public void Subtract(string key, bool reserved, ContainerLoad load)
    {
        var entry = _nodes[load.Node];
        var before = entry.Usage.ContainerCount;
        entry.Usage.Subtract(key, reserved, load);
        Move(entry, before);
        Forget(load.Node, entry);
    }

    private Entry EntryOf(NodeId id)
    {
        if (!_nodes.TryGetValue(id, out var entry))
        {
            _nodes[id] = entry = new Entry();
        }

        return entry;
    }

    private void Move(Entry entry, int before)
    {
        if (entry.Slot >= 0)
        {
            _buckets.Remove(before, entry.Slot);
            _buckets.Add(entry.Usage.ContainerCount, entry.Slot);
        }
    }

    private void Forget(NodeId id, Entry entry)
    {
        if (entry.Slot < 0 && entry.Usage.ContainerCount == 0)
        {
            _nodes.Remove(id);
        }
    }

    private sealed class Entry
    {
        public NodeFacts? Facts { get; set; }

        public NodeUsage Usage { get; } = new();

        public int Slot { get; set; } = -1;
    }
}
