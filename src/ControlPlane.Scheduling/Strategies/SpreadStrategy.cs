namespace ControlPlane.Scheduling.Strategies;

/// <summary>Classic Swarm's spread: the lowest load, sound nodes first, then the fewest containers in any state.</summary>
internal sealed class SpreadStrategy : IPlacementStrategy
{
    public string Name => StrategyNames.Spread;

    public RankOrder Order => RankOrder.LowestWeight;

    public NodeScore Score(in NodeView node, PlacementRequest request)
    {
        var score = LoadScore.Of(node, request);
        return score with { Weight = LoadScore.Load(score) - (LoadScore.HealthFactor * score.Health) };
    }

    public int Compare(in NodeScore first, in NodeScore second) =>
        first.Weight != second.Weight ? first.Weight.CompareTo(second.Weight) : first.Containers.CompareTo(second.Containers);

    public string Explain(in NodeScore winner, in NodeScore? next, PlacementRequest request) =>
        LoadScore.Explain(winner, next, request, new LoadWords("least", "fewest", "fewer"));
}
