namespace ControlPlane.Scheduling;

/// <summary>What an administrator allows to happen on a node.</summary>
public enum NodeAvailability
{
    /// <summary>Takes new containers.</summary>
    Active,

    /// <summary>Keeps what it has, takes nothing new.</summary>
    Pause,

    /// <summary>Is being emptied, takes nothing new.</summary>
    Drain,
}
