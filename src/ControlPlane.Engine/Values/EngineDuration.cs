namespace ControlPlane.Engine.Values;

/// <summary>Durations as the engine's JSON has them: whole nanoseconds in 64 bits.</summary>
public static class EngineDuration
{
    /// <summary>Shortest duration the engine accepts in a health check: 1 ms.</summary>
    public const long MinimumNanoseconds = 1_000_000;

    /// <summary>Longest duration accepted: 365 days in seconds; what is longer is a mistake in the unit.</summary>
    public const double MaximumSeconds = 365d * 24 * 3600;

    private const double NanosecondsPerSecond = 1e9;

    /// <summary>Converts seconds, rounded to whole nanoseconds.</summary>
    /// <param name="seconds">0 (inherit), or 0.001 to <see cref="MaximumSeconds"/>.</param>
    /// <param name="nanoseconds">The engine's number.</param>
    public static bool TryFromSeconds(double seconds, out long nanoseconds)
    {
        nanoseconds = 0;
        if (!double.IsFinite(seconds) || seconds is < 0 or > MaximumSeconds)
        {
            return false;
        }

        nanoseconds = (long)Math.Round(seconds * NanosecondsPerSecond);
        return seconds == 0 || nanoseconds >= MinimumNanoseconds;
    }
}
