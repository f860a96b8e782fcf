namespace ControlPlane.Scheduling;

/// <summary>Names of the strategies a request can ask for.</summary>
public static class StrategyNames
{
    /// <summary>Even out the load over the nodes; the default.</summary>
    public const string Spread = "spread";

    /// <summary>Fill one node after the other.</summary>
    public const string Binpack = "binpack";

    /// <summary>Draw among the nodes that fit, whatever their load.</summary>
    public const string Random = "random";
}
