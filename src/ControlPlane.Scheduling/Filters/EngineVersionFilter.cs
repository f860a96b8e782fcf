namespace ControlPlane.Scheduling.Filters;

/// <summary>The node's engine knows every field that the container uses.</summary>
internal sealed class EngineVersionFilter : INodeFilter
{
    public string Name => "engine";

    public INodeCheck? For(PlacementRequest request) => request.EngineNeed is { } need ? new Check(need) : null;

    private sealed class Check(EngineNeed need) : INodeCheck
    {
        private readonly RefusalPhrase _phrase = new($"has an engine too old for {need.Field}", $"have engines too old for {need.Field}");

        public bool Passes(in NodeView node) => Of(node) is { } version && version >= need.ApiVersion;

        public Rejection? Explain(in NodeView node) => Passes(node)
            ? null
            : new Rejection($"{need.Field} needs API {need.ApiVersion}, the engine has {Of(node)?.ToString() ?? "not said what it has"}", _phrase);

        private static Version? Of(in NodeView node) => node.Facts.ApiVersion;
    }
}
