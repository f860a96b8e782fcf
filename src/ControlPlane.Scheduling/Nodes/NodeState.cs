namespace ControlPlane.Scheduling;

/// <summary>What is known of a node's health. Only <see cref="Ready"/> nodes are given containers.</summary>
public enum NodeState
{
    /// <summary>The lease was missed or the session was lost; what runs there is not known at the moment.</summary>
    Unknown,

    /// <summary>Agent and engine answer.</summary>
    Ready,

    /// <summary>The agent is alive, its engine is not.</summary>
    EngineDown,

    /// <summary>Gone for longer than the grace period.</summary>
    Down,
}
