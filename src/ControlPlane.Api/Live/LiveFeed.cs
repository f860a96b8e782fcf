using ControlPlane.Core.State;

namespace ControlPlane.Api.Live;

/// <summary>
/// The one subscriber for all open pages. A change goes to the pages that show it at once when they were quiet, else with the
/// next message that they may get; hot numbers go out once a second.
/// </summary>
internal sealed partial class LiveFeed(ClusterState state, LivePages pages, RunningOperations running, TimeProvider clock, ILogger<LiveFeed> logger) : BackgroundService
{
    private static readonly TimeSpan NumbersEvery = TimeSpan.FromSeconds(1);

    // While something waits for its turn; a quarter of the pause keeps the delay of the first change after it small.
    private static readonly TimeSpan Tick = LivePage.Pause / 4;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var numbers = NumbersAsync(stoppingToken);
        while (!stoppingToken.IsCancellationRequested)
        {
            using var subscription = state.Subscribe();
            try
            {
                await FollowAsync(subscription, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                break;
            }

            // What was missed may be anything: every page fetches what it shows anew.
            LogLagged(logger);
            foreach (var page in pages.All)
            {
                page.OfferAll();
            }
        }

        await numbers;
    }

    private async Task FollowAsync(StateSubscription subscription, CancellationToken stoppingToken)
    {
        var more = subscription.Changes.WaitToReadAsync(stoppingToken).AsTask();
        while (true)
        {
            if (AnyDue())
            {
                await Task.WhenAny(more, Task.Delay(Tick, clock, stoppingToken));
            }
            else
            {
                await more;
            }

            stoppingToken.ThrowIfCancellationRequested();
            if (more.IsCompleted)
            {
                if (!await more)
                {
                    return;
                }

                Drain(subscription);
                more = subscription.Changes.WaitToReadAsync(stoppingToken).AsTask();
            }

            Flush();
        }
    }

    private void Drain(StateSubscription subscription)
    {
        while (subscription.Changes.TryRead(out var batch))
        {
            foreach (var change in batch)
            {
                if (change.Object == ObjectKind.Operation)
                {
                    running.Note(change);
                }

                foreach (var page in pages.All)
                {
                    page.Offer(change);
                }
            }
        }
    }

    private bool AnyDue() => pages.All.Any(page => page.Due() is not null);

    private void Flush()
    {
        var now = clock.GetUtcNow();
        foreach (var page in pages.All)
        {
            if (page.Take(now, running.Count) is { } changes)
            {
                _ = page.TellAsync(changes);
            }
        }
    }

    private async Task NumbersAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(NumbersEvery, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                var cluster = state.Current;
                foreach (var page in pages.All)
                {
                    if (LiveNumbersReader.Read(page, cluster) is { } numbers)
                    {
                        _ = page.TellAsync(numbers);
                    }
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The server stops.
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The live feed fell behind and began again from a new snapshot.")]
    private static partial void LogLagged(ILogger logger);
}
