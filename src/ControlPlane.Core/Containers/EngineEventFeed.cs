using System.Threading.Channels;
using ControlPlane.Contracts.Agents;
using ControlPlane.Core.Access;
using ControlPlane.Core.Objects;
using ControlPlane.Core.State;

namespace ControlPlane.Core.Containers;

/// <summary>An event of an engine in the cluster.</summary>
/// <param name="NodeId">Where it happened.</param>
/// <param name="Node">Name of the node at that time.</param>
/// <param name="Collection">Of what it happened to: whose grants say who hears of it.</param>
/// <param name="Event">The engine's event.</param>
public sealed record ClusterEvent(string NodeId, string Node, string Collection, EngineEvent Event)
{
    /// <summary>IP address of the node at that time; empty when that is not known.</summary>
    public string NodeIp { get; init; } = "";

    /// <summary>Address or name of the node's host at that time.</summary>
    public string NodeAddress { get; init; } = "";
}

/// <summary>
/// The events of all engines in the order in which they were heard, and a bounded past of them. A listener that does not keep up is cut off
/// rather than fed with gaps.
/// </summary>
public sealed class EngineEventFeed(ClusterState state, ObjectOwnership? ownership = null)
{
    /// <summary>Events kept for <c>since</c>: a few minutes of a busy cluster, hours of a quiet one; at most about 10 MB.</summary>
    public const int Kept = 8192;

    private const int Unread = 8192;

    private readonly Lock _gate = new();
    private readonly Queue<ClusterEvent> _past = new();

    // Containers are gone when their last events are heard: whose they were is remembered as long as events of them are kept.
    private readonly Dictionary<string, string> _collections = new(StringComparer.Ordinal);
    private readonly Dictionary<string, DateTime> _heard = new(StringComparer.Ordinal);
    private readonly HashSet<Listener> _listeners = [];

    public void Add(string nodeId, IReadOnlyList<EngineEvent> events)
    {
        ArgumentNullException.ThrowIfNull(events);
        if (events.Count == 0)
        {
            return;
        }

        var cluster = state.Current;
        var node = cluster.Node(nodeId);
        var (ip, address) = (node?.Ip ?? "", node?.AddressOrName ?? "");
        lock (_gate)
        {
            foreach (var happened in events)
            {
                var entry = new ClusterEvent(nodeId, node?.Name ?? nodeId, CollectionOf(cluster, node, happened), happened) { NodeIp = ip, NodeAddress = address };
                _past.Enqueue(entry);
                var heard = _heard.GetValueOrDefault(nodeId);
                _heard[nodeId] = happened.At > heard ? happened.At : heard;
                if (_past.Count > Kept)
                {
                    _past.Dequeue();
                }

                foreach (var listener in _listeners)
                {
                    listener.Offer(entry);
                }
            }

            _listeners.RemoveWhere(listener => listener.IsOver);
        }
    }

    /// <summary>The time of the newest event heard of a node; the least time there is when there was none.</summary>
    public DateTime HeardUntil(string nodeId)
    {
        lock (_gate)
        {
            return _heard.GetValueOrDefault(nodeId);
        }
    }

    /// <summary>What has been kept and everything that comes, without a gap. Dispose to leave.</summary>
    public (IReadOnlyList<ClusterEvent> Past, Listener Listener) Listen()
    {
        lock (_gate)
        {
            var listener = new Listener(this);
            _listeners.Add(listener);
            return ([.. _past], listener);
        }
    }

    private string CollectionOf(ClusterSnapshot cluster, NodeRecord? node, EngineEvent happened)
    {
        if (happened.Type != "container")
        {
            return ownership?.CollectionOf(node?.Id ?? "", happened) ?? node?.Collection ?? Collections.System;
        }

        // A label of the engine's leads to our own record; the record says whose it is.
        var record = cluster.Container(happened.ObjectId)
            ?? (happened.Attributes.TryGetValue(AgentProtocol.ClusterIdLabel, out var id) ? cluster.Container(id) : null);
        if (record is not null)
        {
            if (_collections.Count > Kept)
            {
                _collections.Clear();
            }

            return _collections[happened.ObjectId] = record.Collection;
        }

        return _collections.GetValueOrDefault(happened.ObjectId, Collections.Unmanaged);
    }

    private void Leave(Listener listener)
    {
        lock (_gate)
        {
            _listeners.Remove(listener);
        }
    }

    /// <summary>One who listens.</summary>
    public sealed class Listener : IDisposable
    {
        private readonly Channel<ClusterEvent> _events = Channel.CreateBounded<ClusterEvent>(
            new BoundedChannelOptions(Unread) { SingleReader = true, SingleWriter = true, FullMode = BoundedChannelFullMode.Wait });

        private readonly EngineEventFeed _feed;

        internal Listener(EngineEventFeed feed) => _feed = feed;

        /// <summary>Ends when the listener was too slow.</summary>
        public ChannelReader<ClusterEvent> Events => _events.Reader;

        internal bool IsOver { get; private set; }

        public void Dispose()
        {
            _feed.Leave(this);
            _events.Writer.TryComplete();
        }

        internal void Offer(ClusterEvent entry)
        {
            if (!IsOver && !_events.Writer.TryWrite(entry))
            {
                IsOver = true;
                _events.Writer.TryComplete();
            }
        }
    }
}
