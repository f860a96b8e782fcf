namespace ControlPlane.Scheduling.Filters;

/// <summary>Only nodes that are Ready take containers.</summary>
internal sealed class HealthFilter : INodeFilter, INodeCheck
{
    public string Name => "health";

    public INodeCheck For(PlacementRequest request) => this;

    public bool Passes(in NodeView node) => node.Facts.State == NodeState.Ready;

    public bool Narrow(IClusterView view, SlotSet candidates) => IndexParts.Narrow([new IndexPart(Term.Of(TermKind.Ready))], view, candidates);

    public Rejection? Explain(in NodeView node)
    {
        var state = node.Facts.State;
        return Passes(node) ? null : new Rejection($"state is {state}", new RefusalPhrase($"is {state}", $"are {state}"));
    }
}
