namespace ControlPlane.Scheduling.Filters;

/// <summary>The node runs what the image was built for, as far as its standard facts say; a fact that is missing says nothing.</summary>
internal sealed class PlatformFilter : INodeFilter
{
    public string Name => "platform";

    public INodeCheck? For(PlacementRequest request) =>
        request.Platform?.Normalized is { } platform && platform != new Platform("", "") ? new Check(platform) : null;

    private sealed class Check(Platform asked) : INodeCheck
    {
        public bool Passes(in NodeView node) => asked.RunsOn(Of(node));

        public Rejection? Explain(in NodeView node) => Passes(node)
            ? null
            : new Rejection($"needs {asked}, is {Of(node).Normalized}", new RefusalPhrase($"is not {asked}", $"are not {asked}"));

        private static Platform Of(in NodeView node) =>
            new(node.Facts.Labels.Find(NodeLabels.OsType) ?? "", node.Facts.Labels.Find(NodeLabels.Architecture) ?? "");
    }
}
