namespace ControlPlane.Scheduling.Filters;

/// <summary>A node that has refused this very create is not asked again.</summary>
internal sealed class RefusedFilter : INodeFilter
{
    public string Name => "refused";

    public INodeCheck? For(PlacementRequest request) => request.RefusedBy.Count == 0 ? null : new Check(request.RefusedBy);

    private sealed class Check(IReadOnlyDictionary<NodeId, string> reasons) : INodeCheck
    {
        private static readonly RefusalPhrase Refused = new("has refused this create", "have refused this create");

        public bool Passes(in NodeView node) => !reasons.ContainsKey(node.Id);

        public Rejection? Explain(in NodeView node) => reasons.TryGetValue(node.Id, out var reason)
            ? new Rejection($"has refused this create: {reason}", Refused)
            : null;
    }
}
