using System.Globalization;
using ControlPlane.Core.Containers.Admission;
using ControlPlane.Core.Containers.Moving;
using ControlPlane.Core.Data;
using ControlPlane.Core.Leadership;
using ControlPlane.Core.Nodes;
using ControlPlane.Core.Nodes.Monitoring;
using ControlPlane.Core.State;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace ControlPlane.Core.Containers.Rescheduling;

/// <summary>
/// Makes the <c>on-node-failure</c> containers of failed nodes anew on others: oldest first, a few at a time. What cannot be moved says why
/// and is looked at again.
/// </summary>
public sealed partial class Rescheduler(
    ClusterState state,
    ContainerMoves moves,
    ContainerLaunches launches,
    ReschedulingHold hold,
    IDbContextFactory<ControlPlaneDb> databases,
    IEventSink events,
    IOptions<ReschedulingOptions> options,
    IOptions<NodeMonitorOptions> monitor,
    TimeProvider clock,
    ILogger<Rescheduler> logger) : IDuty
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    /// <summary>A move that was tried and failed costs a node an attempt; after a few it is tried every so often only.</summary>
    private const int LongestBackoff = 16;

    private readonly long _startedAt = clock.GetTimestamp();
    private readonly Dictionary<string, Moving> _moving = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Waiting> _waiting = new(StringComparer.Ordinal);
    private string _readyNodes = "";
    private bool _held;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        foreach (var noted in state.Current.AllContainers.Where(container => container.Intent is { Reschedule: ReschedulePolicy.OnNodeFailure } intent && Waits(intent)))
        {
            _waiting[noted.Id] = new Waiting(DateTime.MinValue, 0);
        }

        using var timer = new PeriodicTimer(Pause, clock);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            await PassAsync(cancellationToken);
        }
    }

    /// <summary>One look.</summary>
    internal async Task PassAsync(CancellationToken cancellationToken)
    {
        var cluster = state.Current;
        var now = clock.GetUtcNow().UtcDateTime;
        hold.Forget(cluster);
        foreach (var (id, moving) in _moving.Where(pair => pair.Value.Task.IsCompleted).ToList())
        {
            _moving.Remove(id);
            await EndAsync(moving);
        }

        var failed = FailedNodes.Of(cluster.Nodes.Values, hold.Confirmed, now, monitor.Value.DownAfter, options.Value.Hold);
        TellHeld(failed);
        await ForgetSettledAsync(cluster, failed, cancellationToken);
        var candidates = failed.Nodes.Count == 0 ? [] : Candidates(cluster, failed, now);
        hold.Counts = (_moving.Count, candidates.Select(container => container.Id).Union(_waiting.Keys, StringComparer.Ordinal).Count());
        if (failed.Held || clock.GetElapsedTime(_startedAt) < monitor.Value.Amnesty)
        {
            return;
        }

        foreach (var container in candidates.Take(options.Value.AtOnce - _moving.Count))
        {
            var node = failed.Nodes[container.NodeId];
            _moving[container.Id] = new Moving(container, node, launches.MoveAsync(container.Id, () => DecideAsync(container, node)));
        }
    }

    private List<ContainerRecord> Candidates(ClusterSnapshot cluster, FailedNodes failed, DateTime now)
    {
        var ready = string.Join(',', cluster.Nodes.Values.Where(node => node is { State: NodeState.Ready, Availability: NodeAvailability.Active }).Select(node => node.Id).Order(StringComparer.Ordinal));
        var isChanged = !string.Equals(ready, _readyNodes, StringComparison.Ordinal);
        _readyNodes = ready;
        return
        [
            .. cluster.AllContainers
                .Where(container => container.Intent is { Phase: ContainerPhase.Present, Reschedule: ReschedulePolicy.OnNodeFailure }
                    && failed.Nodes.ContainsKey(container.NodeId)
                    && !_moving.ContainsKey(container.Id)
                    && (isChanged || !_waiting.TryGetValue(container.Id, out var waiting) || waiting.Until <= now))
                .OrderBy(container => container.CreatedAt)
                .ThenBy(container => container.Id, StringComparer.Ordinal),
        ];
    }

    /// <summary>A fault of one move is that move's: it was logged and is looked at again.</summary>
    private async Task EndAsync(Moving moving)
    {
        var (container, node) = (moving.Container, moving.Node);
        var outcome = await moving.Task;
        if (outcome is Move.Impossible refusal)
        {
            Wait(container.Id, tried: false);
            await NoteAsync(container.Id, container.NodeId, $"{node.Name} has failed, and it is not moved: {refusal.Text}");
        }
        else if (state.Current.Container(container.Id) is { Intent.Phase: ContainerPhase.Present } now && now.NodeId == container.NodeId)
        {
            // Back, because no node took it; or nothing was done at all.
            Wait(container.Id, tried: outcome is Move.Made);
        }
        else
        {
            _waiting.Remove(container.Id);
            LogMoved(container.Name, node.Name);
        }
    }

    private async Task<Move> DecideAsync(ContainerRecord container, NodeRecord node)
    {
        await using var db = await databases.CreateDbContextAsync(CancellationToken.None);
        if (await db.Containers.AsNoTracking().SingleOrDefaultAsync(c => c.Id == container.Id) is not { } row)
        {
            return new Move.Gone();
        }

        if (!KeptRequest.Read(row.RequestJson).RescheduleWithVolumes && MoveRules.LocalVolumes(row, node) is { Count: > 0 } volumes)
        {
            return new Move.Impossible(
                $"it uses {(volumes.Count == 1 ? "the volume" : "the volumes")} {string.Join(", ", volumes)}, which {(volumes.Count == 1 ? "is" : "are")} only there. With rescheduleWithVolumes it would be moved without.");
        }

        // Whoever came back while this one waited for its turn keeps what it has.
        if (state.Current.Node(node.Id) is { State: NodeState.Ready })
        {
            return new Move.Gone();
        }

        var lost = MoveRules.MayHaveAnonymousVolumes(container.Observed) ? "; anonymous volumes were lost" : "";
        var why = string.Create(CultureInfo.InvariantCulture, $"failed at {node.StateSince:HH:mm} UTC{lost}");
        return await moves.FromFailedNodeAsync(container, await RanAsync(db, container, row), why);
    }

    /// <summary>As last reported; when this server has not heard of it yet, by the last event of it.</summary>
    private static async Task<bool> RanAsync(ControlPlaneDb db, ContainerRecord container, ContainerEntity row)
    {
        if (container.Observed is { } observed)
        {
            return observed.State is "running" or "restarting" or "paused";
        }

        var last = await db.Events.AsNoTracking()
            .Where(e => e.ObjectId == container.EngineId && (e.Kind == "container.start" || e.Kind == "container.die" || e.Kind == "container.restart"))
            .OrderByDescending(e => e.At)
            .Select(e => e.Kind)
            .FirstOrDefaultAsync();
        return last is null ? row.Start : last != "container.die";
    }

    /// <summary>Its note says why it was not moved.</summary>
    private static bool Waits(ContainerIntent intent) => intent.Note?.StartsWith(ContainerMoves.MovedNote, StringComparison.Ordinal) == false;

    private void Wait(string id, bool tried)
    {
        var tries = tried ? (_waiting.GetValueOrDefault(id)?.Tries ?? 0) + 1 : 0;
        _waiting[id] = new Waiting(clock.GetUtcNow().UtcDateTime + (options.Value.LookAgain * Math.Min(LongestBackoff, 1 << Math.Min(tries, 4))), tries);
    }

    /// <summary>Whose node is back, or who is gone, waits for nothing any more.</summary>
    private async Task ForgetSettledAsync(ClusterSnapshot cluster, FailedNodes failed, CancellationToken cancellationToken)
    {
        foreach (var id in _waiting.Keys.Where(id => !_moving.ContainsKey(id)).ToList())
        {
            if (cluster.Container(id) is not { Intent: { } intent } container)
            {
                _waiting.Remove(id);
            }
            else if (!failed.Nodes.ContainsKey(container.NodeId) && cluster.Node(container.NodeId) is { State: NodeState.Ready })
            {
                _waiting.Remove(id);
                if (Waits(intent))
                {
                    await NoteAsync(id, container.NodeId, null, cancellationToken);
                }
            }
        }
    }

    private async Task NoteAsync(string id, string nodeId, string? note, CancellationToken cancellationToken = default)
    {
        if (state.Current.Container(id)?.Intent is not { } current || string.Equals(current.Note, note, StringComparison.Ordinal))
        {
            return;
        }

        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        if (await db.Containers.Where(c => c.Id == id && c.NodeId == nodeId && c.Phase == ContainerPhase.Present)
            .ExecuteUpdateAsync(set => set.SetProperty(c => c.Note, note), cancellationToken) == 0)
        {
            return;
        }

        var name = state.Write(writer =>
        {
            if (writer.Container(id) is { Intent: { } intent } container && container.NodeId == nodeId)
            {
                writer.Put(container with { Intent = intent with { Note = note } }, "note");
                return container.Name;
            }

            return null;
        });
        if (note is not null && name is not null)
        {
            Tell("container.not_moved", nodeId, id, name, $"{name}: {note}");
        }
    }

    private void TellHeld(FailedNodes failed)
    {
        if (failed.Held == _held)
        {
            return;
        }

        _held = failed.Held;
        if (_held)
        {
            var names = string.Join(", ", failed.Together.Select(node => node.Name).Order(StringComparer.Ordinal).Take(20));
            Tell(
                "rescheduling.held", null, null, null,
                string.Create(CultureInfo.InvariantCulture, $"More than half of the nodes failed together ({names}): nothing is moved before {failed.HeldUntil:HH:mm} UTC unless an administrator confirms the failure."));
            LogHeld(names);
        }
    }

    private void Tell(string kind, string? nodeId, string? id, string? name, string text)
    {
        var now = clock.GetUtcNow();
        events.Add(new EventEntity
        {
            Id = Guid.CreateVersion7(now),
            At = now.UtcDateTime,
            Kind = kind,
            NodeId = nodeId,
            ObjectId = id,
            ObjectName = name,
            Text = text.Length <= 1024 ? text : text[..1024],
        });
    }

    [LoggerMessage(LogLevel.Information, "Container {Container} was moved from {Node}, which has failed.")]
    private partial void LogMoved(string container, string node);

    [LoggerMessage(LogLevel.Warning, "More than half of the nodes failed together ({Nodes}): nothing is moved until that is confirmed.")]
    private partial void LogHeld(string nodes);

    private sealed record Moving(ContainerRecord Container, NodeRecord Node, Task<Move?> Task);

    private sealed record Waiting(DateTime Until, int Tries);
}
