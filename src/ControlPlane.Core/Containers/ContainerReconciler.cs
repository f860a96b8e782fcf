using System.Collections.Concurrent;
using ControlPlane.Contracts.Agents;
using ControlPlane.Core.Containers.Moving;
using ControlPlane.Core.Data;
using ControlPlane.Core.Nodes.Links;
using ControlPlane.Core.Operations;
using ControlPlane.Core.State;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace ControlPlane.Core.Containers;

/// <summary>
/// Settles single containers against what their nodes report: launches what was accepted and is not there, removes what was
/// removed while the node was away, and ends intents whose container somebody removed on the engine. Creates nothing anew.
/// </summary>
public sealed partial class ContainerReconciler(
    ClusterState state,
    NodeLinks links,
    IDbContextFactory<ControlPlaneDb> databases,
    OperationLog operations,
    ContainerLaunches launches,
    Tombstones tombstones,
    TimeProvider clock,
    IOptions<DeadlineOptions> deadlines,
    ILogger<ContainerReconciler> logger) : BackgroundService
{
    /// <summary>Second look at intents that wait although their node is well: a launch that failed for the server's own reasons.</summary>
    private static readonly TimeSpan SecondLook = TimeSpan.FromSeconds(15);

    private readonly Dictionary<string, DateTime> _settled = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Task> _work = new(StringComparer.Ordinal);

    /// <summary>Gone from their engines; stay here until that is written.</summary>
    private readonly ConcurrentDictionary<string, ContainerRecord> _ending = new(StringComparer.Ordinal);
    private StateSubscription? _subscription;

    /// <summary>Listens from the moment it returns: nothing that agents report afterwards is missed.</summary>
    public override Task StartAsync(CancellationToken cancellationToken)
    {
        _subscription = state.Subscribe();
        return base.StartAsync(cancellationToken);
    }

    public override void Dispose()
    {
        _subscription?.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await FollowAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                LogPassFailed(exception);
                await Task.Delay(TimeSpan.FromSeconds(1), clock, stoppingToken);
            }
        }
    }

    private async Task FollowAsync(CancellationToken cancellationToken)
    {
        using var subscription = Interlocked.Exchange(ref _subscription, null) ?? await SubscribeAgainAsync(cancellationToken);
        _settled.Clear();
        foreach (var node in subscription.Start.Nodes.Values)
        {
            Settle(node, cancellationToken);
        }

        using var timer = new PeriodicTimer(SecondLook, clock);
        var tick = timer.WaitForNextTickAsync(cancellationToken).AsTask();
        var change = subscription.Changes.WaitToReadAsync(cancellationToken).AsTask();
        while (true)
        {
            await Task.WhenAny(change, tick);
            if (tick.IsCompleted)
            {
                await LookAgainAsync(cancellationToken);
                tick = timer.WaitForNextTickAsync(cancellationToken).AsTask();
            }

            if (change.IsCompleted)
            {
                if (!await change)
                {
                    return;
                }

                while (subscription.Changes.TryRead(out var batch))
                {
                    foreach (var one in batch)
                    {
                        OnChange(one, cancellationToken);
                    }
                }

                change = subscription.Changes.WaitToReadAsync(cancellationToken).AsTask();
            }
        }
    }

    /// <summary>What went while nobody listened is found by its row, which has no container in the state any more.</summary>
    private async Task<StateSubscription> SubscribeAgainAsync(CancellationToken cancellationToken)
    {
        var subscription = state.Subscribe();
        try
        {
            await using var db = await databases.CreateDbContextAsync(cancellationToken);
            var rows = await db.Containers.AsNoTracking()
                .Where(row => row.Phase == ContainerPhase.Present && row.Name != null)
                .Select(row => row.Id)
                .ToListAsync(cancellationToken);
            var gone = rows.FindAll(id => !state.Current.Containers.ContainsKey(id));
            foreach (var row in await db.Containers.AsNoTracking().Where(row => gone.Contains(row.Id)).ToListAsync(cancellationToken))
            {
                await IntentEnds.EndAsync(db, ContainerIntents.ToIntent(row), row.Id, tombstones, clock.GetUtcNow().UtcDateTime);
            }

            return subscription;
        }
        catch
        {
            subscription.Dispose();
            throw;
        }
    }

    /// <summary>One node's work is done in order; a node that hangs delays only its own.</summary>
    private void After(string nodeId, Func<Task> work)
    {
        if (_work.TryGetValue(nodeId, out var before) && !before.IsCompleted)
        {
            _work[nodeId] = Chain(before, work);
        }
        else
        {
            _work[nodeId] = Chain(Task.CompletedTask, work);
        }

        async Task Chain(Task first, Func<Task> then)
        {
            await first;
            try
            {
                await then();
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                // The next full inventory or the second look finds the same work again.
                LogPassFailed(exception);
            }
            catch (OperationCanceledException)
            {
                // Stopping.
            }
        }
    }

    private void OnChange(StateChange change, CancellationToken cancellationToken)
    {
        switch (change)
        {
            case { Object: ObjectKind.Node, Kind: not ChangeKind.Removed, Record: NodeRecord node }:
                Settle(node, cancellationToken);
                break;
            case { Object: ObjectKind.Container, Kind: ChangeKind.Removed, Reason: ContainerReasons.Destroyed, Record: ContainerRecord { Intent: not null } gone }:
                _ending[gone.Id] = gone;
                After(gone.NodeId, () => EndIntentAsync(gone, cancellationToken));
                break;
            case { Object: ObjectKind.Container, Kind: not ChangeKind.Removed, Record: ContainerRecord { Intent: null, Observed.ClusterId: { } id } stray } when tombstones.Contains(id):
                After(stray.NodeId, () => RemoveStrayAsync(stray, id, cancellationToken));
                break;
        }
    }

    /// <summary>Once per full inventory of a node.</summary>
    private void Settle(NodeRecord node, CancellationToken cancellationToken)
    {
        if (node.Synced && node.SyncedAt is { } syncedAt && (!_settled.TryGetValue(node.Id, out var last) || last != syncedAt))
        {
            _settled[node.Id] = syncedAt;
            After(node.Id, () => SettleNodeAsync(node, syncedAt, cancellationToken));
        }
    }

    private async Task SettleNodeAsync(NodeRecord node, DateTime syncedAt, CancellationToken cancellationToken)
    {
        await LaunchWaitingAsync(node.Id, cancellationToken);
        var here = state.Current.AllContainers
            .Where(container => container.NodeId == node.Id && container.Observed?.ClusterId is not null)
            .ToDictionary(container => container.Observed!.ClusterId!, StringComparer.Ordinal);
        foreach (var id in tombstones.OlderThan(node.Id, syncedAt))
        {
            if (here.TryGetValue(id, out var stray))
            {
                await RemoveStrayAsync(stray, id, cancellationToken);
            }
            else
            {
                await DeleteRowAsync(id, cancellationToken);
            }
        }
    }

    /// <summary>What waits although its node is well; one question to the database for all nodes.</summary>
    private async Task LookAgainAsync(CancellationToken cancellationToken)
    {
        foreach (var gone in _ending.Values)
        {
            After(gone.NodeId, () => EndIntentAsync(gone, cancellationToken));
        }

        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var nodes = await db.Containers.AsNoTracking()
            .Where(row => row.Phase != ContainerPhase.Present && row.Name != null)
            .Select(row => row.NodeId)
            .Distinct()
            .ToListAsync(cancellationToken);
        foreach (var nodeId in nodes.Where(id => state.Current.Node(id) is { State: NodeState.Ready }))
        {
            After(nodeId, () => LaunchWaitingAsync(nodeId, cancellationToken));
        }
    }

    /// <summary>
    /// Goes by the database's phase, which changes only when the outcome is known: what was accepted is launched again or found to
    /// have arrived, what was to be removed is removed.
    /// </summary>
    private async Task LaunchWaitingAsync(string nodeId, CancellationToken cancellationToken)
    {
        if (state.Current.Node(nodeId) is not { Synced: true } node)
        {
            return;
        }

        List<ContainerEntity> rows;
        await using (var db = await databases.CreateDbContextAsync(cancellationToken))
        {
            rows = await db.Containers.AsNoTracking()
                .Where(row => row.NodeId == nodeId && row.Phase != ContainerPhase.Present && row.Name != null)
                .ToListAsync(cancellationToken);
        }

        foreach (var row in rows.Where(row => !launches.IsRunning(row.Id)))
        {
            var observed = state.Current.Containers.GetValueOrDefault(row.Id)?.Observed;
            if (row.Phase == ContainerPhase.Removing)
            {
                await FinishRemovalAsync(row, observed, cancellationToken);
                continue;
            }

            var run = row.OperationId is null ? null : await operations.ResumeAsync(row.OperationId, cancellationToken);
            if (observed is not null && (!row.Start || observed.StartedAt is not null))
            {
                // The command did its work; only its result was lost. A second start would run a finished job twice.
                await launches.ArriveAsync(LaunchOrder.From(row), observed, run);
            }
            else
            {
                LogLaunchedAgain(row.Name!, node.Name);
                launches.Start(LaunchOrder.From(row), run);
            }
        }
    }

    private async Task FinishRemovalAsync(ContainerEntity row, ContainerReport? observed, CancellationToken cancellationToken)
    {
        if (observed is not null && !await RemoveAsync(row.NodeId, observed.EngineId, cancellationToken))
        {
            return;
        }

        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await IntentEnds.EndAsync(db, state.Current.Container(row.Id)?.Intent, row.Id, tombstones, clock.GetUtcNow().UtcDateTime);
        state.Write(writer => writer.RemoveContainer(row.Id, ContainerReasons.Removed));
    }

    private async Task EndIntentAsync(ContainerRecord gone, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var now = clock.GetUtcNow();
        if (await IntentEnds.EndAsync(db, gone.Intent, gone.Id, tombstones, now.UtcDateTime) > 0 && gone.Intent?.Phase == ContainerPhase.Present)
        {
            db.Events.Add(new EventEntity
            {
                Id = Guid.CreateVersion7(now),
                At = now.UtcDateTime,
                Kind = "container.destroyed",
                NodeId = gone.NodeId,
                ObjectId = gone.Id,
                ObjectName = gone.Name,
                Text = "The container was removed on its engine; what was asked for has ended with it.",
            });
            await db.SaveChangesAsync(cancellationToken);
        }

        _ending.TryRemove(gone.Id, out _);
    }

    private async Task RemoveStrayAsync(ContainerRecord stray, string tombstone, CancellationToken cancellationToken)
    {
        if (stray.EngineId is { } engineId && await RemoveAsync(stray.NodeId, engineId, cancellationToken))
        {
            LogStrayRemoved(stray.Name);
            await DeleteRowAsync(tombstone, cancellationToken);
        }
    }

    private async Task<bool> RemoveAsync(string nodeId, string engineId, CancellationToken cancellationToken)
    {
        var result = await links.RunAsync(
            nodeId,
            new RemoveContainer
            {
                Id = $"remove-{engineId[..12]}-{Guid.NewGuid():N}",
                DeadlineMilliseconds = 1000 * deadlines.Value.CommandSeconds,
                EngineId = engineId,
                Force = true,
                Volumes = false,
            },
            null,
            cancellationToken);
        return result.Outcome == CommandOutcome.Done;
    }

    private async Task DeleteRowAsync(string id, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await db.Containers.Where(c => c.Id == id).ExecuteDeleteAsync(cancellationToken);
        tombstones.Remove(id);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "A pass of the container reconciler failed; it begins again.")]
    private partial void LogPassFailed(Exception exception);

    [LoggerMessage(Level = LogLevel.Information, Message = "Container {Container} was accepted and is not settled on {Node}: its create is sent again.")]
    private partial void LogLaunchedAgain(string container, string node);

    [LoggerMessage(Level = LogLevel.Information, Message = "Container {Container} was removed while its node was away; the engine's copy is gone now.")]
    private partial void LogStrayRemoved(string container);
}
