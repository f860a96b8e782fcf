using System.Collections.Concurrent;
using ControlPlane.Core.Data;
using ControlPlane.Core.Nodes.Sessions;
using ControlPlane.Core.State;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace ControlPlane.Core.Nodes.Monitoring;

/// <summary>
/// The one that decides a node's state. Sessions tell it about signs of life; one pass twice a second looks for their absence. Nothing
/// here touches the database.
/// </summary>
public sealed partial class NodeMonitor
{
    private readonly ConcurrentDictionary<string, NodeLease> _leases = new(StringComparer.Ordinal);
    private readonly ClusterState _state;
    private readonly IEventSink _events;
    private readonly TimeProvider _clock;
    private readonly ILogger<NodeMonitor> _logger;
    private readonly NodeMonitorOptions _rules;
    private readonly long _startedAt;

    public NodeMonitor(ClusterState state, IEventSink events, IOptions<NodeMonitorOptions> options, TimeProvider clock, ILogger<NodeMonitor> logger)
    {
        _state = state;
        _events = events;
        _clock = clock;
        _logger = logger;
        _rules = options.Value;
        _startedAt = clock.GetTimestamp();
    }

    /// <summary>The heartbeat period for a cluster of so many nodes.</summary>
    internal TimeSpan Period(int nodes) => TimeSpan.FromSeconds(Math.Max(_rules.HeartbeatSeconds, nodes / 1000.0));

    /// <summary>How long a session may be silent.</summary>
    internal TimeSpan LeaseTime(TimeSpan period) => (period * 2) + TimeSpan.FromMilliseconds(_rules.HeartbeatToleranceMilliseconds);

    /// <summary>Looks at every node once. Called twice a second by <see cref="NodeMonitorDuty"/>.</summary>
    public void Pass()
    {
        foreach (var node in _state.Current.Nodes.Values)
        {
            Check(node);
        }

        foreach (var id in _leases.Keys)
        {
            if (_state.Current.Node(id) is null)
            {
                _leases.TryRemove(id, out _);
            }
        }
    }

    internal void Opened(NodeSession session, bool engineUp)
    {
        Lease(session.NodeId).Open(session, engineUp, _clock.GetTimestamp());
        Check(session.NodeId);
    }

    internal void Beat(NodeSession session, bool engineUp)
    {
        var lease = Lease(session.NodeId);
        if (ReferenceEquals(lease.Session, session))
        {
            lease.EngineUp = engineUp;
            lease.Beat(_clock.GetTimestamp());
            Check(session.NodeId);
        }
    }

    internal void Closed(NodeSession session) => Lease(session.NodeId).Close(session, _clock.GetTimestamp());

    /// <summary>Is the session within its lease right now?</summary>
    internal bool IsAlive(NodeSession session)
    {
        var lease = Lease(session.NodeId);
        return ReferenceEquals(lease.Session, session) && _clock.GetElapsedTime(lease.LastBeat) <= session.LeaseTime;
    }

    /// <summary>Two agents used one identity at nearly the same time.</summary>
    internal void MarkDuplicate(string nodeId)
    {
        Lease(nodeId).Mark(_clock.GetTimestamp());
        _state.Write(writer =>
        {
            if (writer.Node(nodeId) is { DuplicateIdentity: false } node)
            {
                writer.Put(node with { DuplicateIdentity = true }, "duplicate");
            }
        });
        Tell("node.duplicate_identity", nodeId, _state.Current.Node(nodeId)?.Name, "Two agents used the identity of this node at nearly the same time.");
        LogDuplicate(nodeId);
    }

    internal void Check(string nodeId)
    {
        if (_state.Current.Node(nodeId) is { } node)
        {
            Check(node);
        }
    }

    private void Check(NodeRecord node)
    {
        var lease = Lease(node.Id);
        if (lease.Marked && _clock.GetElapsedTime(lease.MarkedAt) >= TimeSpan.FromMinutes(_rules.DuplicateMarkMinutes))
        {
            lease.Unmark();
            _state.Write(writer =>
            {
                if (writer.Node(node.Id) is { } marked)
                {
                    writer.Put(marked with { DuplicateIdentity = false }, "duplicate");
                }
            });
        }

        if (Judge(node, lease) is var verdict && verdict.State == node.State && string.Equals(verdict.Reason, node.StateReason, StringComparison.Ordinal))
        {
            return;
        }

        // Judged again under the writer's lock: a sign of life may have come in between.
        var change = _state.Write(writer =>
        {
            if (writer.Node(node.Id) is not { } current)
            {
                return null;
            }

            var final = Judge(current, lease);
            if (final.State == current.State && string.Equals(final.Reason, current.StateReason, StringComparison.Ordinal))
            {
                return null;
            }

            var changed = current with
            {
                State = final.State,
                StateReason = final.Reason,
                StateSince = final.State == current.State ? current.StateSince : writer.Now,
                Synced = current.Synced && final.State != NodeState.Down,
            };
            writer.Put(changed, "lease");
            return final.State == current.State ? null : new Transition(current, changed);
        });

        if (change is not null)
        {
            Announce(change, lease);
        }
    }

    private NodeVerdict Judge(NodeRecord node, NodeLease lease)
    {
        var now = _clock.GetTimestamp();
        return NodeVerdict.Of(node, lease, now, _clock.GetElapsedTime(_startedAt, now) < _rules.Amnesty, _rules, _clock);
    }

    private void Announce(Transition change, NodeLease lease)
    {
        var node = change.After;
        LogTransition(node.Name, node.Id, change.Before.State, node.State, node.StateReason);
        var text = node.StateReason.Length == 0
            ? $"Node {node.Name} is {node.State}."
            : $"Node {node.Name} is {node.State}: {node.StateReason}";
        Tell($"node.{node.State.ToString().ToLowerInvariant()}", node.Id, node.Name, text);
        if (node.State == NodeState.Down)
        {
            // A frozen agent's connection is of no use any more; what waits on it becomes unclear now.
            lease.Session?.Abort();
        }
    }

    private void Tell(string kind, string nodeId, string? name, string text)
    {
        var now = _clock.GetUtcNow();
        _events.Add(new EventEntity
        {
            Id = Guid.CreateVersion7(now),
            At = now.UtcDateTime,
            Kind = kind,
            NodeId = nodeId,
            ObjectId = nodeId,
            ObjectName = name,
            Text = text,
        });
    }

    private NodeLease Lease(string nodeId) => _leases.GetOrAdd(nodeId, static (_, now) => new NodeLease(now), _clock.GetTimestamp());

    [LoggerMessage(LogLevel.Information, "Node {Name} ({NodeId}) went from {Before} to {After}. {Reason}")]
    private partial void LogTransition(string name, string nodeId, NodeState before, NodeState after, string reason);

    [LoggerMessage(LogLevel.Warning, "Two agents used the identity of node {NodeId} at nearly the same time.")]
    private partial void LogDuplicate(string nodeId);

    private sealed record Transition(NodeRecord Before, NodeRecord After);
}
