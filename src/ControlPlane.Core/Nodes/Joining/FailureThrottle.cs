using System.Collections.Concurrent;

namespace ControlPlane.Core.Nodes.Joining;

/// <summary>Counts failed attempts per address in windows of one minute.</summary>
internal sealed class FailureThrottle(TimeProvider clock)
{
    private const int MaxFailures = 20;

    // Bounded: an outsider chooses the addresses. Beyond it all newcomers share one count.
    private const int MaxAddresses = 10_000;
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, Count> _counts = new(StringComparer.Ordinal);

    public bool IsBlocked(string? address)
    {
        var count = _counts.GetValueOrDefault(address ?? "");
        return count is not null && count.Failures >= MaxFailures && clock.GetElapsedTime(count.Since) < Window;
    }

    public void Failed(string? address)
    {
        var now = clock.GetTimestamp();
        if (_counts.Count >= MaxAddresses)
        {
            foreach (var (key, old) in _counts)
            {
                if (clock.GetElapsedTime(old.Since, now) >= Window)
                {
                    _counts.TryRemove(key, out _);
                }
            }
        }

        var bucket = _counts.Count < MaxAddresses ? address ?? "" : "many";
        _counts.AddOrUpdate(
            bucket,
            static (_, at) => new Count(at, 1),
            (_, old, at) => clock.GetElapsedTime(old.Since, at) >= Window ? new Count(at, 1) : old with { Failures = old.Failures + 1 },
            now);
    }

    private sealed record Count(long Since, int Failures);
}
