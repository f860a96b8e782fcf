using ControlPlane.Contracts.Agents;
using ControlPlane.Core.Containers.Moving;
using ControlPlane.Core.Data;
using ControlPlane.Core.Leadership;
using ControlPlane.Core.Nodes.Links;
using ControlPlane.Core.State;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace ControlPlane.Core.Containers.Rescheduling;

/// <summary>
/// Removes the copies that moved containers left on nodes, as soon as those are heard and the container is there where it was moved to. Exactly
/// one remains.
/// </summary>
public sealed partial class LeftCopies(
    ClusterState state, NodeLinks links, ContainerMoves moves, Tombstones tombstones, TimeProvider clock, IOptions<DeadlineOptions> deadlines, ILogger<LeftCopies> logger)
    : IDuty
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    // A removal that failed is tried again, not at once.
    private static readonly TimeSpan Again = TimeSpan.FromSeconds(5);

    /// <summary>Copies, and containers that know of copies.</summary>
    private readonly HashSet<string> _watched = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Task> _removals = new(StringComparer.Ordinal);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            using var subscription = state.Subscribe();
            foreach (var container in subscription.Start.AllContainers)
            {
                Watch(container);
            }

            using var timer = new PeriodicTimer(Pause, clock);
            while (!subscription.Lagged && await timer.WaitForNextTickAsync(cancellationToken))
            {
                while (subscription.Changes.TryRead(out var batch))
                {
                    foreach (var change in batch)
                    {
                        if (change is { Object: ObjectKind.Container, Kind: not ChangeKind.Removed, Record: ContainerRecord container })
                        {
                            Watch(container);
                        }
                    }
                }

                await LookAsync(cancellationToken);
            }
        }
    }

    private void Watch(ContainerRecord container)
    {
        if (container.CopyOf is not null || container.Intent?.Left.Count > 0)
        {
            _watched.Add(container.Id);
        }
    }

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        var cluster = state.Current;
        foreach (var id in _watched.ToList())
        {
            switch (cluster.Containers.GetValueOrDefault(id))
            {
                case { CopyOf: { } owner } copy:
                    if (MayGo(cluster, copy, owner) && (!_removals.TryGetValue(id, out var running) || running.IsCompleted))
                    {
                        _removals[id] = RemoveAsync(copy, owner, cancellationToken);
                    }

                    break;
                case { Intent.Left: { Count: > 0 } left }:
                    foreach (var copy in left.Where(copy => IsGone(cluster, copy)))
                    {
                        await moves.ForgetCopyAsync(id, copy.EngineId, tombstones);
                    }

                    break;
                default:
                    _watched.Remove(id);
                    _removals.Remove(id);
                    break;
            }
        }
    }

    /// <summary>A copy that ran is kept until the container is there where it was moved to, on a node that is well.</summary>
    private bool MayGo(ClusterSnapshot cluster, ContainerRecord copy, string owner)
    {
        if (!links.IsConnected(copy.NodeId) || cluster.Node(copy.NodeId) is not { State: NodeState.Ready })
        {
            return false;
        }

        if (cluster.Containers.GetValueOrDefault(owner) is not { Intent: { } intent } container)
        {
            return tombstones.Contains(owner);
        }

        return container.NodeId != copy.NodeId
            && intent.Left.FirstOrDefault(left => left.EngineId == copy.EngineId) is { } known
            && (!known.Ran || (intent.Phase == ContainerPhase.Present && cluster.Node(container.NodeId) is { State: NodeState.Ready }));
    }

    /// <summary>Its node has left the cluster, or shows everything that it has and not this.</summary>
    private static bool IsGone(ClusterSnapshot cluster, LeftCopy copy) =>
        cluster.Node(copy.NodeId) is not { } node
        || (node is { State: NodeState.Ready, Synced: true } && !cluster.ByEngineId.ContainsKey(copy.EngineId));

    private async Task RemoveAsync(ContainerRecord copy, string owner, CancellationToken cancellationToken)
    {
        try
        {
            var engineId = copy.EngineId!;
            var result = await links.RunAsync(
                copy.NodeId,
                new RemoveContainer
                {
                    Id = $"remove-{engineId[..12]}-{Guid.NewGuid():N}",
                    DeadlineMilliseconds = 1000 * deadlines.Value.CommandSeconds,
                    EngineId = engineId,
                    Force = true,
                    Volumes = true,
                },
                null,
                cancellationToken);
            if (result.Outcome == CommandOutcome.Done)
            {
                state.Write(writer =>
                {
                    if (writer.Container(copy.Id) is { CopyOf: not null })
                    {
                        writer.RemoveContainer(copy.Id, ContainerReasons.Removed);
                    }
                });
                await moves.ForgetCopyAsync(owner, engineId, tombstones);
                LogRemoved(copy.Name, state.Current.Node(copy.NodeId)?.Name ?? copy.NodeId);
                return;
            }

            LogNotRemoved(copy.Name, result.Message);
            await Task.Delay(Again, clock, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Stopping.
        }
        catch (Exception exception)
        {
            LogFailed(exception, copy.Name);
        }
    }

    [LoggerMessage(LogLevel.Information, "The old copy of {Container} on {Node} is gone.")]
    private partial void LogRemoved(string container, string node);

    [LoggerMessage(LogLevel.Warning, "The old copy of {Container} could not be removed; it is tried again. {Reason}")]
    private partial void LogNotRemoved(string container, string reason);

    [LoggerMessage(LogLevel.Error, "The old copy of {Container} could not be removed; it is tried again.")]
    private partial void LogFailed(Exception exception, string container);
}
