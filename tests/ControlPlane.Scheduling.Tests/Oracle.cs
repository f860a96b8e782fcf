namespace ControlPlane.Scheduling.Tests;

/// <summary>The specification, written as plainly as possible and without the product's ranking code.</summary>
internal static class Oracle
{
    public static NodeId? Decide(PlacementRequest request, TestCluster cluster)
    {
        var first = Best(request, cluster);
        return first is null && request.HasSoft ? Best(request.WithoutSoft(), cluster) : first;
    }

    public static bool Fits(PlacementRequest request, TestNode node) =>
        node.Facts is { State: NodeState.Ready, Availability: NodeAvailability.Active }
        && request.AllowedNodes?.Contains(node.Facts.Id) != false
        && (request.MemoryBytes == 0 || node.Usage.ReservedMemoryBytes + request.MemoryBytes <= Reservable(node, node.Facts.Capacity.MemoryBytes))
        && (request.NanoCpus == 0 || node.Usage.ReservedNanoCpus + request.NanoCpus <= Reservable(node, node.Facts.Capacity.NanoCpus))
        && !request.HostPorts.Any(port => port.Port != 0 && node.Usage.Ports.Any(taken => taken.ClashesWith(port)))
        && request.Constraints.All(constraint => Meets(constraint, node));

    private static NodeId? Best(PlacementRequest request, TestCluster cluster)
    {
        var start = SlotRing.Start(cluster, request.Seed);
        return cluster.Slots
            .Select((node, slot) => (Node: node, Ring: (slot - start + cluster.Slots.Count) % cluster.Slots.Count))
            .Where(place => place.Node is not null && Fits(request, place.Node))
            .OrderBy(place => Weight(request, place.Node!))
            .ThenBy(place => place.Node!.Usage.ContainerCount)
            .ThenBy(place => place.Ring)
            .Select(place => (NodeId?)place.Node!.Facts.Id)
            .FirstOrDefault();
    }

    private static long Weight(PlacementRequest request, TestNode node) =>
        (request.MemoryBytes == 0 ? 100 : (node.Usage.ReservedMemoryBytes + request.MemoryBytes) * 100 / Reservable(node, node.Facts.Capacity.MemoryBytes))
        + (request.NanoCpus == 0 ? 100 : (node.Usage.ReservedNanoCpus + request.NanoCpus) * 100 / Reservable(node, node.Facts.Capacity.NanoCpus));

    private static long Reservable(TestNode node, long real) => real + (real * node.Facts.Capacity.OvercommitPercent / 100);

    private static bool Meets(Constraint constraint, TestNode node)
    {
        string[] values = constraint.Key == "node"
            ? [node.Facts.Id.Value, node.Facts.Name]
            : [node.Facts.Labels.Find(constraint.Key) ?? ""];
        var isMatch = values.Any(value => constraint.Value.EndsWith('*')
            ? value.StartsWith(constraint.Value[..^1], StringComparison.Ordinal)
            : value == constraint.Value);
        return isMatch != constraint.IsNegated;
    }
}
