namespace ControlPlane.Scheduling.Strategies;

/// <summary>Classic Swarm's binpack: the highest load, sound nodes first, then the most containers in any state.</summary>
internal sealed class BinpackStrategy : IPlacementStrategy
{
    public string Name => StrategyNames.Binpack;

    public RankOrder Order => RankOrder.HighestWeight;

    public NodeScore Score(in NodeView node, PlacementRequest request)
    {
        var score = LoadScore.Of(node, request);
        return score with { Weight = LoadScore.Load(score) + (LoadScore.HealthFactor * score.Health) };
    }

    public int Compare(in NodeScore first, in NodeScore second) =>
        first.Weight != second.Weight ? second.Weight.CompareTo(first.Weight) : second.Containers.CompareTo(first.Containers);

    public string Explain(in NodeScore winner, in NodeScore? next, PlacementRequest request) =>
        LoadScore.Explain(winner, next, request, new LoadWords("most", "most", "more"));
}
