namespace ControlPlane.Scheduling.Filters;

/// <summary>Only nodes the caller may schedule on.</summary>
internal sealed class AllowedNodesFilter : INodeFilter
{
    public string Name => "allowed-nodes";

    public INodeCheck? For(PlacementRequest request) => request.AllowedNodes is { } allowed ? new Check(allowed) : null;

    private sealed class Check(IReadOnlySet<NodeId> allowed) : INodeCheck
    {
        private static readonly Rejection Closed =
            new("you may not schedule on this node", new RefusalPhrase("is not open to you", "are not open to you"));

        public bool Passes(in NodeView node) => allowed.Contains(node.Id);

        public Rejection? Explain(in NodeView node) => Passes(node) ? null : Closed;
    }
}
