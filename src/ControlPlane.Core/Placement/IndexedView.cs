using ControlPlane.Scheduling;

namespace ControlPlane.Core.Placement;

/// <summary>The index as decisions see it.</summary>
internal sealed class IndexedView(NodeSlots nodes, Func<string, IEnumerable<NodeId>> nodesOfContainer) : IClusterView
{
    private ulong[] _found = [];

    public int NodeCount => nodes.NodeCount;

    public int SlotCount => nodes.SlotCount;

    public bool TryGetNode(int slot, out NodeView node) => nodes.TryGetNode(slot, out node);

    public bool TryFind(in Term term, out ReadOnlySpan<ulong> slots)
    {
        slots = term.Kind == TermKind.Container ? OfContainer(term.Value) : nodes.Find(term);
        return true;
    }

    public void Scan(in RankScan scan, IRankSink sink)
    {
        if (scan.Order == RankOrder.Other)
        {
            for (var i = 0; i < SlotCount; i++)
            {
                var slot = scan.Start + i;
                sink.Offer(slot < SlotCount ? slot : slot - SlotCount);
            }
        }
        else
        {
            nodes.Scan(scan, sink);
        }
    }

    private ReadOnlySpan<ulong> OfContainer(string name)
    {
        Array.Clear(_found);
        if (_found.Length < (SlotCount + 63) / 64)
        {
            _found = new ulong[(SlotCount + 63) / 64];
        }

        foreach (var id in nodesOfContainer(name))
        {
            if (nodes.SlotOf(id) is >= 0 and var slot)
            {
                _found[slot >> 6] |= 1UL << slot;
            }
        }

        return _found;
    }
}
