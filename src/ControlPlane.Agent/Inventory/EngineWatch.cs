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
        var pump = PumpAsync(answer, notices.Writer, scope.Token);
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
        }
    }

    private async Task PumpAsync(HttpResponseMessage answer, ChannelWriter<EngineNotice> writer, CancellationToken cancellationToken)
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

    private async Task FollowAsync(ChannelReader<EngineNotice> notices, CancellationToken cancellationToken)
    {
        var looks = new PendingLooks(time);
        var more = notices.WaitToReadAsync(cancellationToken).AsTask();
        while (true)
        {
            if (looks.UntilNext() is { } wait)
            {
                using var timer = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                await Task.WhenAny(more, Task.Delay(wait, time, timer.Token));
                await timer.CancelAsync();
            }
            else
            {
                await more;
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

            await LookAsync(looks, cancellationToken);
        }
    }

    private void Take(EngineNotice notice, PendingLooks looks)
    {
        looks.Add(notice);
        if (notice.RemovesContainer)
        {
            store.Remove(notice.ObjectId);
        }
    }

    private async Task LookAsync(PendingLooks looks, CancellationToken cancellationToken)
    {
        var due = looks.TakeDue();
        if (due.Count == 0)
        {
            return;
        }

        var failed = new System.Collections.Concurrent.ConcurrentBag<string>();
        var options = new ParallelOptions { MaxDegreeOfParallelism = ParallelInspects, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(due, options, async (what, token) =>
        {
            using var deadline = CancellationTokenSource.CreateLinkedTokenSource(token);
            deadline.CancelAfter(deadlines.EngineRead);
            try
            {
                await LookAtAsync(what, deadline.Token);
            }
            catch (Exception) when (!token.IsCancellationRequested)
            {
                // The engine is slow or going: the look is still owed. When the engine has gone, the stream ends and everything is read anew.
                failed.Add(what);
            }
        });
        foreach (var what in failed)
        {
            looks.Add(what, PendingLooks.Retry);
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
            case PendingLooks.Events:
                store.TellEvents();
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
