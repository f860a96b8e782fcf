namespace ControlPlane.Scheduling.Filters;

/// <summary>Paused and draining nodes take nothing new.</summary>
internal sealed class AvailabilityFilter : INodeFilter, INodeCheck
{
    public string Name => "availability";

    public INodeCheck For(PlacementRequest request) => this;

    public bool Passes(in NodeView node) => node.Facts.Availability == NodeAvailability.Active;

    public bool Narrow(IClusterView view, SlotSet candidates) => IndexParts.Narrow([new IndexPart(Term.Of(TermKind.Active))], view, candidates);

    public Rejection? Explain(in NodeView node)
    {
        if (Passes(node))
        {
            return null;
        }

        var what = node.Facts.Availability == NodeAvailability.Drain ? "draining" : "paused";
        return new Rejection($"node is {what}", new RefusalPhrase($"is {what}", $"are {what}"));
    }
}
