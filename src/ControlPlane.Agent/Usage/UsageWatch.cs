using ControlPlane.Agent.Engine;
using ControlPlane.Agent.Session;
using ControlPlane.Contracts.Agents;

namespace ControlPlane.Agent.Usage;

/// <summary>Follows the stats of the containers that somebody looks at, one engine stream each, and reports them together.</summary>
internal sealed class UsageWatch(EngineSocket engine, Outbox outbox, TimeProvider time)
{
    /// <summary>More rows than a page shows; each stream costs the engine a sample per second.</summary>
    public const int MostWatched = 64;

    private static readonly TimeSpan Period = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(2);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, CancellationTokenSource> _watched = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ContainerUsage> _samples = new(StringComparer.Ordinal);

    /// <summary>Replaces the set of watched containers.</summary>
    public void Watch(IReadOnlyList<string> engineIds)
    {
        lock (_gate)
        {
            var wanted = engineIds.Where(EngineIds.IsFull).Take(MostWatched).ToHashSet(StringComparer.Ordinal);
            foreach (var (id, scope) in _watched.Where(watched => !wanted.Contains(watched.Key)).ToList())
            {
                scope.Cancel();
                _watched.Remove(id);
                _samples.Remove(id);
            }

            foreach (var id in wanted.Where(id => !_watched.ContainsKey(id)))
            {
                var scope = new CancellationTokenSource();
                _watched.Add(id, scope);
                _ = FollowAsync(id, scope.Token);
            }
        }
    }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            UsageReport report;
            lock (_gate)
            {
                if (_samples.Count == 0)
                {
                    continue;
                }

                report = new UsageReport(time.GetUtcNow().UtcDateTime, [.. _samples.Values]);
                _samples.Clear();
            }

            outbox.Add(report);
        }
    }

    private async Task FollowAsync(string engineId, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                using var answer = await engine.StreamAsync(HttpMethod.Get, $"containers/{engineId}/stats?stream=1", cancellationToken);
                using var lines = new StreamReader(await answer.EnsureSuccessStatusCode().Content.ReadAsStreamAsync(cancellationToken));
                while (await lines.ReadLineAsync(cancellationToken) is { } line)
                {
                    Take(engineId, line, cancellationToken);
                }
            }
            catch (Exception) when (!cancellationToken.IsCancellationRequested)
            {
                // Gone, or the engine is away: looked at again below for as long as it is wanted.
            }
            catch (OperationCanceledException)
            {
                return;
            }

            await Task.Delay(Retry, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void Take(string engineId, string line, CancellationToken cancellationToken)
    {
        if (UsageSample.Read(engineId, line) is { } sample)
        {
            lock (_gate)
            {
                if (!cancellationToken.IsCancellationRequested)
                {
                    _samples[engineId] = sample;
                }
            }
        }
    }
}
