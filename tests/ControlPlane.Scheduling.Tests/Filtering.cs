namespace ControlPlane.Scheduling.Tests;

/// <summary>What one filter says of one node.</summary>
internal static class Filtering
{
    /// <summary>The fast answer and the words agree with what is expected; null = it passes.</summary>
    public static void Check(INodeFilter filter, PlacementRequest request, TestNode node, string? text)
    {
        var check = filter.For(request);
        (check?.Passes(node.View) ?? true).ShouldBe(text is null);
        (check?.Explain(node.View)?.Text).ShouldBe(text);
    }

    /// <summary>The words for one and for several nodes.</summary>
    public static void Summary(INodeFilter filter, PlacementRequest request, TestNode node, string one, string several)
    {
        var summary = filter.For(request).ShouldNotBeNull().Explain(node.View).ShouldNotBeNull().Summary;
        summary.For(1).ShouldBe(one);
        summary.For(3).ShouldBe(several);
    }

    /// <summary>Slots that are left after an index narrowed, or null when the filter left it to asking every node.</summary>
    public static int[]? Narrowed(INodeFilter filter, PlacementRequest request, IndexedCluster cluster)
    {
        using var candidates = new SlotSet(cluster.SlotCount);
        var isAnswered = filter.For(request).ShouldNotBeNull().Narrow(cluster, candidates);
        int[] left = [.. Enumerable.Range(0, cluster.SlotCount).Where(candidates.Contains)];
        if (!isAnswered)
        {
            left.Length.ShouldBe(cluster.SlotCount);
        }

        return isAnswered ? left : null;
    }
}
