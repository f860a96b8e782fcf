namespace ControlPlane.Scheduling;

/// <summary>Names of the strategies a request can ask for.</summary>
public static class StrategyNames
{
    /// <summary>Even out the load over the nodes; the default.</summary>
    public const string Spread = "spread";
}
