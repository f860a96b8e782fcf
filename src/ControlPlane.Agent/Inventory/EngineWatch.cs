using System.Threading.Channels;
using ControlPlane.Agent.Engine;
using ControlPlane.Agent.Hosting;
using ControlPlane.Contracts.Agents;
using Microsoft.Extensions.Logging;

namespace ControlPlane.Agent.Inventory;

/// <summary>
/// Keeps the inventory true: opens the engine's event stream first, reads everything once, then looks only at what events name. When
/// the stream ends it starts over. Never polls a list.
/// </summary>
internal sealed partial class EngineWatch(
    EngineSocket socket, EngineReader reader, InventoryStore store, ImagePlatforms platforms, EngineHealth health, AgentDeadlines deadlines, TimeProvider time, ILogger<EngineWatch> logger)
{
    // The engine answers eight inspects at once as fast as it can; more only wait.
    private const int ParallelInspects = 8;

    // A burst of a few hundred starts; beyond that reading everything is cheaper than every event.
    private const int MostUnreadEvents = 4096;

    private static readonly TimeSpan EventsWait = TimeSpan.FromMilliseconds(250);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var backoff = new ReconnectBackoff(deadlines.EngineRetryFirst, deadlines.EngineRetryLongest, Random.Shared);
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await WatchAsync(backoff, cancellationToken);
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested)
            {
                health.CheckNow();
                var wait = backoff.Next();
                if (backoff.Failures == 1 || backoff.Failures % 50 == 0)
                {
                    LogLost(socket.Path, e is OperationCanceledException ? "it does not answer" : e.Message);
                }

                await Task.Delay(wait, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task WatchAsync(ReconnectBackoff backoff, CancellationToken cancellationToken)
    {
        using var scope = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var description = await reader.DescribeAsync(cancellationToken);
        using var head = CancellationTokenSource.CreateLinkedTokenSource(scope.Token);
        head.CancelAfter(deadlines.EngineRead);
        using var answer = await socket.StreamAsync(HttpMethod.Get, "events", head.Token);
        head.CancelAfter(Timeout.InfiniteTimeSpan);
        answer.EnsureSuccessStatusCode();
        var notices = Channel.CreateBounded<EngineNotice>(new BoundedChannelOptions(MostUnreadEvents) { SingleReader = true, SingleWriter = true });
        using var untold = new SemaphoreSlim(0, 1);
        var pump = PumpAsync(answer, notices.Writer, untold, scope.Token);
        var telling = TellAsync(untold, scope.Token);
        var learning = platforms.RunAsync(scope.Token);
        try
        {
            store.SetDescription(description);
            await ReadEverythingAsync(cancellationToken);
            store.SetEngineUp(true);
            backoff.Reset();
            LogWatching(description.EngineVersion, description.HostName);
            await FollowAsync(notices.Reader, cancellationToken);
        }
        finally
        {
            await scope.CancelAsync();
            await pump;
            await learning;
            await telling;
        }
    }

    /// <summary>Events go along with what they changed; those that change nothing, or whose look takes long, go by themselves after a moment.</summary>
    private async Task TellAsync(SemaphoreSlim untold, CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                await untold.WaitAsync(cancellationToken);
                await Task.Delay(EventsWait, time, cancellationToken);
                store.TellEvents();
            }
        }
        catch (OperationCanceledException)
        {
            // The stream has ended; what is untold goes with the next report.
        }
    }

    private async Task PumpAsync(HttpResponseMessage answer, ChannelWriter<EngineNotice> writer, SemaphoreSlim untold, CancellationToken cancellationToken)
    {
        Exception? end = null;
        try
        {
            using var lines = new StreamReader(await answer.Content.ReadAsStreamAsync(cancellationToken));
            while (await lines.ReadLineAsync(cancellationToken) is { } line)
            {
                if (EngineNotice.Parse(line, time.GetUtcNow().UtcDateTime) is not { } notice)
                {
                    continue;
                }

                // Noted before the looks it asks for: those may take a while, and what is told meanwhile takes the event along.
                store.Note(notice.ToEvent());
                if (untold.CurrentCount == 0)
                {
                    untold.Release();
                }

                if (!writer.TryWrite(notice))
                {
                    throw new IOException("the engine's events come faster than they can be read; reading everything anew");
                }
            }
        }
        catch (Exception e)
        {
            end = e;
        }

        writer.Complete(end ?? new IOException("the engine closed its event stream"));
    }

    /// <summary>Looks run beside each other and beside the reading of events: the engine may hold one back for as long as it removes that container.</summary>
    private async Task FollowAsync(ChannelReader<EngineNotice> notices, CancellationToken cancellationToken)
    {
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var looks = new PendingLooks(time);
        var running = new Dictionary<string, Task<bool>>(StringComparer.Ordinal);
        var more = notices.WaitToReadAsync(cancellationToken).AsTask();
        try
        {
            while (true)
            {
                await WakeAsync(more, running, looks, cancellationToken);
                foreach (var (what, look) in running.Where(look => look.Value.IsCompleted).ToList())
                {
                    running.Remove(what);
                    if (!await look)
                    {
                        looks.Add(what, PendingLooks.Retry);
                    }
                }

                if (more.IsCompleted)
                {
                    await more;
                    while (notices.TryRead(out var notice))
                    {
                        Take(notice, looks);
                    }

                    more = notices.WaitToReadAsync(cancellationToken).AsTask();
                }

                while (running.Count < ParallelInspects && looks.TakeDue(running.Keys) is { } due)
                {
                    running[due] = LookAsync(due, leaving.Token);
                }
            }
        }
        finally
        {
            await leaving.CancelAsync();
            await ((Task)Task.WhenAll(running.Values)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task WakeAsync(Task more, Dictionary<string, Task<bool>> running, PendingLooks looks, CancellationToken cancellationToken)
    {
        List<Task> wake = [more, .. running.Values];
        if (running.Count == ParallelInspects || looks.UntilNext(running.Keys) is not { } wait)
        {
            await Task.WhenAny(wake);
            return;
        }

        using var timer = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await Task.WhenAny([.. wake, Task.Delay(wait, time, timer.Token)]);
        await timer.CancelAsync();
    }

    private void Take(EngineNotice notice, PendingLooks looks)
    {
        looks.Add(notice);
        if (notice.RemovesContainer)
        {
            store.Remove(notice.ObjectId);
        }
    }

    /// <summary>False when the engine did not answer: it is slow or going, the look is still owed. When it has gone, the stream ends and everything is read anew.</summary>
    private async Task<bool> LookAsync(string what, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(deadlines.EngineRead);
        try
        {
            await LookAtAsync(what, deadline.Token);
            return true;
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    private async Task LookAtAsync(string what, CancellationToken cancellationToken)
    {
        var mark = store.Mark();
        switch (what)
        {
            case PendingLooks.Images:
                store.SetImages(platforms.Fill(await reader.ListImagesAsync(cancellationToken)), mark);
                break;
            case PendingLooks.Networks:
                store.SetNetworks(await reader.ListNetworksAsync(cancellationToken), mark);
                break;
            case PendingLooks.Volumes:
                store.SetVolumes(await reader.ListVolumesAsync(cancellationToken), mark);
                break;
            case PendingLooks.Engine:
                store.SetDescription(await reader.DescribeAsync(cancellationToken));
                break;
            default:
                await InspectAsync(what, cancellationToken);
                break;
        }
    }

    private async Task InspectAsync(string engineId, CancellationToken cancellationToken)
    {
        var mark = store.Mark();
        if (await reader.InspectAsync(engineId, cancellationToken) is { } report)
        {
            store.Apply(report, mark);
        }
        else
        {
            store.Remove(engineId);
        }
    }

    private async Task ReadEverythingAsync(CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(deadlines.EngineFullRead);
        var mark = store.Mark();
        var images = reader.ListImagesAsync(deadline.Token);
        var networks = reader.ListNetworksAsync(deadline.Token);
        var volumes = reader.ListVolumesAsync(deadline.Token);
        var ids = await reader.ListContainerIdsAsync(deadline.Token);
        var containers = new ContainerReport?[ids.Count];
        var options = new ParallelOptions { MaxDegreeOfParallelism = ParallelInspects, CancellationToken = deadline.Token };
        await Parallel.ForEachAsync(Enumerable.Range(0, ids.Count), options, async (i, token) => containers[i] = await reader.InspectAsync(ids[i], token));
        store.Replace([.. containers.OfType<ContainerReport>()], mark, platforms.Fill(await images), await networks, await volumes);
    }

    [LoggerMessage(LogLevel.Information, "Watching engine {Version} on {Host}.")]
    private partial void LogWatching(string version, string host);

    [LoggerMessage(LogLevel.Warning, "The engine at {Path} is away, trying on: {Cause}")]
    private partial void LogLost(string path, string cause);
}
