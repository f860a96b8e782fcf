namespace ControlPlane.Engine.Containers;

/// <summary>A health check (API: HealthConfig). Durations are nanoseconds: 0 inherits, otherwise at least 1 ms.</summary>
public sealed record HealthcheckSpec
{
    /// <summary><c>[]</c> inherits, <c>["NONE"]</c> disables, <c>["CMD", …]</c> runs a program, <c>["CMD-SHELL", text]</c> runs the shell.</summary>
    public IReadOnlyList<string>? Test { get; init; }

    /// <summary>Nanoseconds between two checks.</summary>
    public long? Interval { get; init; }

    /// <summary>Nanoseconds until a check counts as failed.</summary>
    public long? Timeout { get; init; }

    /// <summary>Nanoseconds after the start in which failures do not count.</summary>
    public long? StartPeriod { get; init; }

    /// <summary>Nanoseconds between checks in the start period (API 1.44; older engines ignore it).</summary>
    public long? StartInterval { get; init; }

    /// <summary>Failures in a row that make the container unhealthy; 0 inherits.</summary>
    public int? Retries { get; init; }
}
