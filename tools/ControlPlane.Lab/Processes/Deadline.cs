namespace ControlPlane.Lab;

/// <summary>Waits for a condition; nothing in a lab waits without an end.</summary>
public static class Deadline
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(50);

    /// <summary>Polls until the condition holds, or throws with <paramref name="what"/> after the limit.</summary>
    public static async Task UntilAsync(
        string what, TimeSpan limit, Func<CancellationToken, Task<bool>> condition, CancellationToken cancellationToken)
    {
        if (!await HoldsWithinAsync(limit, condition, cancellationToken))
        {
            throw new LabException($"{what} did not happen within {limit.TotalSeconds:0} s.");
        }
    }

    /// <summary>Polls until the condition holds; false when the limit passes first.</summary>
    public static async Task<bool> HoldsWithinAsync(
        TimeSpan limit, Func<CancellationToken, Task<bool>> condition, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(condition);
        var clock = TimeProvider.System;
        var started = clock.GetTimestamp();
        while (true)
        {
            using var rest = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var left = limit - clock.GetElapsedTime(started);
            rest.CancelAfter(left > Period ? left : Period);
            try
            {
                if (await condition(rest.Token))
                {
                    return true;
                }
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                return false;
            }

            if (clock.GetElapsedTime(started) >= limit)
            {
                return false;
            }

            await Task.Delay(Period, clock, cancellationToken);
        }
    }
}
