using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;

namespace ControlPlane.EndToEnd.Tests.Compose;

/// <summary>People who keep writing, whatever happens, and remember what the server has acknowledged.</summary>
internal sealed class WriteLoad : IAsyncDisposable
{
    private const int Writers = 4;

    private readonly ComposeBrowser _browser;
    private readonly string _run = Guid.NewGuid().ToString("N")[..8];
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentBag<string> _acknowledged = [];
    private readonly ConcurrentDictionary<string, int> _failures = new(StringComparer.Ordinal);
    private readonly Task[] _tasks;
    private long _slowest;

    private WriteLoad(ComposeBrowser browser)
    {
        _browser = browser;
        _tasks = [.. Enumerable.Range(0, Writers).Select(WriteAsync)];
    }

    public int Acknowledged => _acknowledged.Count;

    public int Failed => _failures.Values.Sum();

    /// <summary>How often what went wrong: a status, or no answer.</summary>
    public string Failures => string.Join(", ", _failures.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{pair.Key} {pair.Value} times"));

    public IEnumerable<int> FailedStatuses => _failures.Keys.Where(key => int.TryParse(key, out _)).Select(int.Parse);

    public TimeSpan Slowest => TimeSpan.FromTicks(Interlocked.Read(ref _slowest));

    public static WriteLoad Start(ComposeBrowser browser) => new(browser);

    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_tasks);
    }

    /// <summary>What was acknowledged and is not there.</summary>
    public async Task<IReadOnlyList<string>> LostAsync(CancellationToken cancellationToken)
    {
        var there = new HashSet<string>(StringComparer.Ordinal);
        string? cursor = null;
        do
        {
            var page = await _browser.GetAsync($"/join-tokens?limit=200{(cursor is null ? "" : $"&cursor={cursor}")}", cancellationToken);
            there.UnionWith(page["items"]!.AsArray().Select(item => (string)item!["name"]!));
            cursor = (string?)page["nextCursor"];
        }
        while (cursor is not null);
        return [.. _acknowledged.Where(name => !there.Contains(name))];
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stop.Dispose();
    }

    private async Task WriteAsync(int writer)
    {
        for (var number = 0; !_stop.IsCancellationRequested; number++)
        {
            var name = $"{_run}-{writer}-{number}";
            var clock = Stopwatch.StartNew();
            try
            {
                // Not cancelled: what is on its way is waited for, so that nothing is unknown in the end.
                var (status, _) = await _browser.PostAsync("/join-tokens", new { name, expiresInSeconds = 3600 }, CancellationToken.None);
                if (status == HttpStatusCode.Created)
                {
                    _acknowledged.Add(name);
                }
                else
                {
                    Count($"{(int)status}");
                }
            }
            catch (Exception error) when (error is HttpRequestException or TaskCanceledException)
            {
                Count(error is TaskCanceledException ? "no answer" : "no connection");
            }

            Keep(clock.Elapsed);
            // A person with a script, not a flood: refused connections would be counted by the thousand.
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void Count(string failure) => _failures.AddOrUpdate(failure, 1, (_, before) => before + 1);

    private void Keep(TimeSpan took)
    {
        for (var seen = Interlocked.Read(ref _slowest); took.Ticks > seen; seen = Interlocked.Read(ref _slowest))
        {
            Interlocked.CompareExchange(ref _slowest, took.Ticks, seen);
        }
    }
}
