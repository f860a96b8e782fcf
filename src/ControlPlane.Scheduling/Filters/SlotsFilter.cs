namespace ControlPlane.Scheduling.Filters;

/// <summary>A node takes no more containers than its slots say; containers in any state count, as in classic Swarm.</summary>
internal sealed class SlotsFilter : INodeFilter, INodeCheck
{
    public string Name => "slots";

    public INodeCheck For(PlacementRequest request) => this;

    public bool Passes(in NodeView node) => node.Facts.ContainerSlots is not { } slots || node.Usage.ContainerCount < slots;

    public Rejection? Explain(in NodeView node) => Passes(node)
        ? null
        : new Rejection($"no container slot free of {node.Facts.ContainerSlots}", new RefusalPhrase("has no container slot free", "have no container slot free"));
}
