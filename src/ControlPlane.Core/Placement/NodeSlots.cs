using ControlPlane.Scheduling;

namespace ControlPlane.Core.Placement;

/// <summary>
/// Nodes in slots, their totals and the indexes over them. Totals exist for every node that something is known to be on;
/// only a registered one has a slot and can be chosen.
/// </summary>
internal sealed class NodeSlots
{
    private readonly List<Entry?> _slots = [];
    private readonly Stack<int> _free = [];
    private readonly Dictionary<NodeId, Entry> _nodes = [];
    private readonly RankTable _ranks = new();
    private readonly SlotBits _ready = new();
    private readonly SlotBits _active = new();
    private readonly LabelGroups _groups = new();
    private readonly ContainerLabels _labels = new();
    private readonly ContentTable _contents = new();

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

    /// <summary>The slot of a node, or −1 when it has none.</summary>
    public int SlotOf(NodeId id) => _nodes.TryGetValue(id, out var entry) ? entry.Slot : -1;

    /// <summary>The nodes for which a term is true. Containers by name are the owner's to know.</summary>
    public ReadOnlySpan<ulong> Find(in Term term) => term.Kind switch
    {
        TermKind.Ready => _ready.Words,
        TermKind.Active => _active.Words,
        TermKind.Label => _groups.Find(term.Key, term.Value, Registered) is { } group ? group.Slots.Words : default,
        TermKind.ContainerLabel => _labels.Find(term.Key, term.Value, Registered) is { } holders ? holders.Words : default,
        _ => _contents.Find(term.Kind, term.Value) is { } holders ? holders.Words : default,
    };

    public void Scan(in RankScan scan, IRankSink sink)
    {
        var table = scan.Group is { } group ? _groups.Find(group.Key, group.Value, Registered)?.Ranks : _ranks;
        table?.Scan(scan, sink);
    }

    public void Register(NodeFacts facts)
    {
        var entry = EntryOf(facts.Id);
        var before = entry.Facts?.Contents;
        entry.Facts = facts;
        if (entry.Slot < 0)
        {
            entry.Slot = TakeSlot(entry);
            _labels.Count(entry.Slot, entry.Usage, 1);
        }

        _ready.Set(entry.Slot, facts.State == Scheduling.NodeState.Ready);
        _active.Set(entry.Slot, facts.Availability == Scheduling.NodeAvailability.Active);
        _contents.Replace(entry.Slot, before, facts.Contents);
        _ranks.Set(entry.Slot, facts, entry.Usage);
        _groups.Place(entry.Slot, facts, entry.Usage);
    }

    public void Unregister(NodeId id)
    {
        if (!_nodes.TryGetValue(id, out var entry) || entry.Slot < 0)
        {
            return;
        }

        var slot = entry.Slot;
        _ready.Set(slot, false);
        _active.Set(slot, false);
        _contents.Replace(slot, entry.Facts!.Contents, null);
        _labels.Count(slot, entry.Usage, -1);
        _groups.Remove(slot);
        _slots[slot] = null;
        _free.Push(slot);
        entry.Slot = -1;
        entry.Facts = null;
        _ranks.Set(slot, null, entry.Usage);
        Forget(id, entry);
    }

    public void Add(string key, bool reserved, ContainerLoad load)
    {
        var entry = EntryOf(load.Node);
        entry.Usage.Add(key, reserved, load);
        Changed(entry, load, 1);
    }

    public void Subtract(string key, bool reserved, ContainerLoad load)
    {
        var entry = _nodes[load.Node];
        entry.Usage.Subtract(key, reserved, load);
        Changed(entry, load, -1);
        Forget(load.Node, entry);
    }

    private IEnumerable<(int Slot, NodeFacts Facts, NodeUsage Usage)> Registered()
    {
        foreach (var entry in _slots)
        {
            if (entry is { Facts: { } facts })
            {
                yield return (entry.Slot, facts, entry.Usage);
            }
        }
    }

    private Entry EntryOf(NodeId id)
    {
        if (!_nodes.TryGetValue(id, out var entry))
        {
            _nodes[id] = entry = new Entry();
        }

        return entry;
    }

    private int TakeSlot(Entry entry)
    {
        if (!_free.TryPop(out var slot))
        {
            slot = _slots.Count;
            _slots.Add(null);
            _ranks.Insert(slot);
        }

        _slots[slot] = entry;
        return slot;
    }

    private void Changed(Entry entry, ContainerLoad load, int by)
    {
        if (entry is { Slot: >= 0 and var slot, Facts: { } facts })
        {
            _labels.Count(slot, load.Labels, by);
            _ranks.Set(slot, facts, entry.Usage);
            _groups.Update(slot, facts, entry.Usage);
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
