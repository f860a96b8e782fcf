using ControlPlane.Scheduling;

namespace ControlPlane.Core.State;

/// <summary>What people decided about placement in the whole cluster. Immutable.</summary>
/// <param name="Strategy">Name of the strategy of requests that name none.</param>
/// <param name="OvercommitPercent">How far reservations may exceed what a node has, 0 to 1000.</param>
/// <param name="Revision">Version of the row: the ETag; 0 while nobody has decided anything.</param>
public sealed record SchedulingSettings(string Strategy, int OvercommitPercent, long Revision)
{
    public static readonly SchedulingSettings Default = new(StrategyNames.Spread, NodeCapacity.DefaultOvercommitPercent, 0);
}
