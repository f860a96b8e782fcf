namespace ControlPlane.Scheduling;

/// <summary>
/// The cluster as decisions see it: nodes in slots, and, where there is an index, quick answers to common questions. Must not
/// change while it is asked.
/// </summary>
public interface IClusterView
{
    /// <summary>Nodes that can be asked for.</summary>
    int NodeCount { get; }

    /// <summary>Slots, empty ones included; more than any slot in use.</summary>
    int SlotCount { get; }

    /// <summary>The node in a slot, or false when the slot is empty.</summary>
    /// <param name="slot">0 to <see cref="SlotCount"/> − 1.</param>
    /// <param name="node">The node, when true is returned.</param>
    bool TryGetNode(int slot, out NodeView node);

    /// <summary>
    /// The nodes for which a term is true, as words of a slot set (missing words are empty), valid until the next question; false
    /// when the view has no index for it and every node has to be asked.
    /// </summary>
    /// <param name="term">The question.</param>
    /// <param name="slots">The answer, when true is returned.</param>
    bool TryFind(in Term term, out ReadOnlySpan<ulong> slots)
    {
        slots = default;
        return false;
    }

    /// <summary>
    /// Offers slots in ring order, at least every one that could rank before what the sink has (its limit); it may leave out
    /// those that cannot, those that are not Ready and Active, and those without room for what is asked.
    /// </summary>
    /// <param name="scan">What is looked for.</param>
    /// <param name="sink">Takes the slots.</param>
    void Scan(in RankScan scan, IRankSink sink)
    {
        for (var i = 0; i < SlotCount; i++)
        {
            var slot = scan.Start + i;
            sink.Offer(slot < SlotCount ? slot : slot - SlotCount);
        }
    }
}
