namespace ControlPlane.Scheduling;

/// <summary>
/// The order in which equal nodes are preferred: slots from a place that the seed chooses, once around. It depends only on
/// the seed and on the slots, not on what ran on the nodes before, and it costs nothing to walk.
/// </summary>
internal static class SlotRing
{
    public static int Start(IClusterView view, ulong seed) => view.SlotCount == 0 ? 0 : (int)(Mix(seed) % (ulong)view.SlotCount);

    /// <summary>Every node, in ring order.</summary>
    public static IEnumerable<NodeView> All(IClusterView view, int start)
    {
        for (var i = 0; i < view.SlotCount; i++)
        {
            var slot = start + i;
            if (view.TryGetNode(slot < view.SlotCount ? slot : slot - view.SlotCount, out var node))
            {
                yield return node;
            }
        }
    }

    /// <summary>SplitMix64's finisher: numbers that differ by one end far apart.</summary>
    public static ulong Mix(ulong seed)
    {
        seed = (seed ^ (seed >> 30)) * 0xBF58476D1CE4E5B9;
        seed = (seed ^ (seed >> 27)) * 0x94D049BB133111EB;
        return seed ^ (seed >> 31);
    }
}
