namespace ControlPlane.Scheduling.Tests;

/// <summary>
/// A cluster with an index that is as naive as possible: every question is answered by a walk in the words of <see cref="Term"/>,
/// without the code of any filter, and a scan offers only what may still get on the list, as a real index may.
/// </summary>
internal sealed class IndexedCluster(TestCluster inner, Func<Term, bool>? answers = null) : IClusterView
{
    private readonly ulong[] _answer = new ulong[(inner.SlotCount + 63) / 64];

    public int NodeCount => inner.NodeCount;

    public int SlotCount => inner.SlotCount;

    /// <summary>What was asked, in order.</summary>
    public List<Term> Asked { get; } = [];

    /// <summary>Scans, in order.</summary>
    public List<RankScan> Scans { get; } = [];

    /// <summary>How many slots scans have offered.</summary>
    public int Offered { get; private set; }

    public bool TryGetNode(int slot, out NodeView node) => inner.TryGetNode(slot, out node);

    public bool TryFind(in Term term, out ReadOnlySpan<ulong> slots)
    {
        Asked.Add(term);
        slots = default;
        if (answers is not null && !answers(term))
        {
            return false;
        }

        // One buffer for every answer: whoever keeps an answer beyond the next question reads nonsense.
        Array.Clear(_answer);
        for (var slot = 0; slot < inner.SlotCount; slot++)
        {
            if (inner.Slots[slot] is { } node && IsTrue(term, node))
            {
                _answer[slot / 64] |= 1UL << (slot % 64);
            }
        }

        var used = _answer.Length;
        while (used > 0 && _answer[used - 1] == 0)
        {
            used--;
        }

        slots = _answer.AsSpan(0, used);
        return true;
    }

    public void Scan(in RankScan scan, IRankSink sink)
    {
        Scans.Add(scan);
        var limit = RankKey.None;
        for (var i = 0; i < SlotCount; i++)
        {
            var slot = (scan.Start + i) % SlotCount;
            if (inner.Slots[slot] is { } node && MayWin(scan, node, limit))
            {
                Offered++;
                limit = sink.Offer(slot);
            }
        }
    }

    private static bool MayWin(in RankScan scan, TestNode node, int limit)
    {
        if (node.Facts is not { State: NodeState.Ready, Availability: NodeAvailability.Active } || (scan.Group is { } group && !IsTrue(group, node)))
        {
            return false;
        }

        if (scan.Order == RankOrder.Other)
        {
            return true;
        }

        var request = new PlacementRequest { MemoryBytes = scan.MemoryBytes, NanoCpus = scan.NanoCpus };
        return Oracle.HasRoom(request, node)
            && RankKey.Of(scan.Order, (int)Oracle.Weight(request, node, scan.Order == RankOrder.LowestWeight ? "spread" : "binpack"), node.Usage.ContainerCount) < limit;
    }

    private static bool IsTrue(Term term, TestNode node) => term.Kind switch
    {
        TermKind.Ready => node.Facts.State == NodeState.Ready,
        TermKind.Active => node.Facts.Availability == NodeAvailability.Active,
        TermKind.Label => (node.Facts.Labels.Find(term.Key) ?? "") == term.Value,
        TermKind.Container => node.Usage.Held.Any(held => held.Id == term.Value || held.EngineId == term.Value || held.Names.Contains(term.Value)),
        TermKind.ContainerLabel => node.Usage.Held.Any(held => held.Labels.GetValueOrDefault(term.Key) == term.Value),
        TermKind.Image => node.Facts.Contents.Images.Any(image => image == term.Value),
        TermKind.Network => node.Facts.Contents.Networks.Any(network => network == term.Value),
        TermKind.Volume => node.Facts.Contents.Volumes.Any(volume => volume == term.Value),
        _ => throw new InvalidOperationException(),
    };
}
