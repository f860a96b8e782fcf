using System.Diagnostics;

namespace ControlPlane.Bench.Measuring;

/// <summary>
/// Calls at a fixed rate whatever the answers take. The time of a call begins when it was due: a server that stalls is charged for
/// every call it kept waiting, which a client that waits for each answer would hide.
/// </summary>
internal static class OpenLoop
{
    public static async Task<Samples> RunAsync(
        int perSecond, TimeSpan time, Func<CancellationToken, Task> call, CancellationToken cancellationToken)
    {
        var samples = new Samples();
        var running = new List<Task>();
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1.0 / perSecond), TimeProvider.System);
        for (var left = (int)(perSecond * time.TotalSeconds); left > 0 && await timer.WaitForNextTickAsync(cancellationToken); left--)
        {
            running.Add(TimedAsync(call, samples, Stopwatch.GetTimestamp(), cancellationToken));
        }

        await Task.WhenAll(running);
        return samples;
    }

    private static async Task TimedAsync(Func<CancellationToken, Task> call, Samples samples, long due, CancellationToken cancellationToken)
    {
        await call(cancellationToken);
        samples.Add(Stopwatch.GetElapsedTime(due).TotalMilliseconds);
    }
}
