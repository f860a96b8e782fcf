namespace ControlPlane.Scheduling.Strategies;

/// <summary>The strategies that come with the product.</summary>
internal static class StandardStrategies
{
    public static readonly IReadOnlyList<IPlacementStrategy> All = [new SpreadStrategy(), new BinpackStrategy(), new RandomStrategy()];
}
