namespace ControlPlane.Scheduling;

/// <summary>
/// The nodes of a cluster, each in a slot, with an index by container count. A view does not change while a decision is
/// made over it; whoever owns it takes care of that.
/// </summary>
public interface IClusterView
{
    /// <summary>Number of nodes.</summary>
    int NodeCount { get; }

    /// <summary>Number of slots, at least <see cref="NodeCount"/>; slots are numbered from 0 and may be empty.</summary>
    int SlotCount { get; }

    /// <summary>Returns the node of a slot; false when the slot is empty.</summary>
    /// <param name="slot">0 to <see cref="SlotCount"/> − 1.</param>
    /// <param name="node">The node.</param>
    bool TryGetNode(int slot, out NodeView node);

    /// <summary>Returns the smallest container count from <paramref name="from"/> on that some node has, or −1.</summary>
    /// <param name="from">0 or more.</param>
    int NextCount(int from);

    /// <summary>Returns the first slot from <paramref name="from"/> on whose node has exactly this many containers, or −1.</summary>
    /// <param name="count">A container count.</param>
    /// <param name="from">0 or more; beyond the last slot the answer is −1.</param>
    int NextSlot(int count, int from);
}
