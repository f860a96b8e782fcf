using System.Collections.Immutable;
using ControlPlane.Core.Access;
using ControlPlane.Core.Placement;

namespace ControlPlane.Core.State;

/// <summary>One batch of changes, made under the writer's lock.</summary>
public sealed class StateWriter
{
    private readonly ClusterSnapshot _before;
    private readonly ClusterContents _contents;
    private readonly ImmutableDictionary<string, NodeRecord>.Builder _nodes;
    private readonly ImmutableDictionary<string, ContainerRecord>.Builder _containers;
    private readonly ImmutableDictionary<string, string>.Builder _byEngineId;
    private readonly ImmutableSortedSet<ContainerPlace>.Builder _newest;
    private readonly ImmutableDictionary<string, int>.Builder _collections;
    private readonly List<StateChange> _changes = [];
    private long _sequence;

    internal StateWriter(ClusterSnapshot before, PlacementIndex placement, ClusterContents contents, DateTime now)
    {
        _before = before;
        _contents = contents;
        Scheduling = before.Scheduling;
        _nodes = before.Nodes.ToBuilder();
        _containers = before.Containers.ToBuilder();
        _byEngineId = before.ByEngineId.ToBuilder();
        _newest = before.Newest.ToBuilder();
        _collections = before.CollectionCounts.ToBuilder();
        _sequence = before.Position.Sequence;
        Placement = placement;
        Now = now;
    }

    public DateTime Now { get; }

    /// <summary>The placement index; its owner is this writer.</summary>
    public PlacementIndex Placement { get; }

    /// <summary>The cluster's settings for placement.</summary>
    public SchedulingSettings Scheduling { get; private set; }

    internal IReadOnlyList<StateChange> Changes => _changes;

    public NodeRecord? Node(string id) => _nodes.GetValueOrDefault(id);

    public IEnumerable<NodeRecord> Nodes => _nodes.Values;

    public ContainerRecord? Container(string id) => _containers.GetValueOrDefault(id);

    public ContainerRecord? ContainerByEngineId(string engineId) =>
        _byEngineId.TryGetValue(engineId, out var id) ? _containers.GetValueOrDefault(id) : null;

    public IEnumerable<ContainerRecord> ContainersOf(string nodeId) =>
        _containers.Values.Where(container => string.Equals(container.NodeId, nodeId, StringComparison.Ordinal));

    /// <summary>Adds or replaces a node.</summary>
    public void Put(NodeRecord node, string reason = "")
    {
        ArgumentNullException.ThrowIfNull(node);
        var old = _nodes.GetValueOrDefault(node.Id);
        var kind = old is null ? ChangeKind.Added : ChangeKind.Updated;
        _nodes[node.Id] = node;
        _contents.Change(old, node);
        Placement.UpsertNode(PlacementFacts.Of(node, Scheduling));
        Note(ObjectKind.Node, kind, node.Id, node.Id, node.Collection, node, reason);
    }

    public void RemoveNode(string id, string reason)
    {
        if (_nodes.Remove(id, out var node))
        {
            _contents.Change(node, null);
            Placement.RemoveNode(new ControlPlane.Scheduling.NodeId(id));
            Note(ObjectKind.Node, ChangeKind.Removed, id, id, node.Collection, node, reason);
        }
    }

    /// <summary>Replaces the cluster's settings for placement; every node counts by them from now on.</summary>
    public void Put(SchedulingSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var counts = settings.OvercommitPercent != Scheduling.OvercommitPercent;
        Scheduling = settings;
        foreach (var node in counts ? _nodes.Values : [])
        {
            Placement.UpsertNode(PlacementFacts.Of(node, settings));
        }

        Note(ObjectKind.Settings, ChangeKind.Updated, "scheduling", null, Collections.System, settings, "settings");
    }

    /// <summary>Adds or replaces a container and keeps the counters of its node.</summary>
    public void Put(ContainerRecord container, string reason = "")
    {
        ArgumentNullException.ThrowIfNull(container);
        var old = _containers.GetValueOrDefault(container.Id);
        if (old?.EngineId is { } oldEngineId && !string.Equals(oldEngineId, container.EngineId, StringComparison.Ordinal))
        {
            _byEngineId.Remove(oldEngineId);
        }

        if (container.EngineId is { } engineId)
        {
            _byEngineId[engineId] = container.Id;
        }

        _containers[container.Id] = container;
        Arrange(old, container);
        Placement.Put(container.Id, PlacementFacts.Of(container));
        Count(old, -1);
        Count(container, +1);
        Note(ObjectKind.Container, old is null ? ChangeKind.Added : ChangeKind.Updated, container.Id, container.NodeId, container.Collection, container, reason);
    }

    public void RemoveContainer(string id, string reason)
    {
        if (!_containers.Remove(id, out var container))
        {
            return;
        }

        if (container.EngineId is { } engineId)
        {
            _byEngineId.Remove(engineId);
        }

        Arrange(container, null);
        Placement.Remove(id);
        Count(container, -1);
        Note(ObjectKind.Container, ChangeKind.Removed, id, container.NodeId, container.Collection, container, reason);
    }

    /// <summary>Tells subscribers of something that is not part of the snapshot (an operation, a node's images).</summary>
    public void Note(ObjectKind what, ChangeKind kind, string id, string? nodeId, string collection, object record, string reason) =>
        _changes.Add(new StateChange(++_sequence, Now, what, kind, id, nodeId, collection, record, reason));

    internal ClusterSnapshot ToSnapshot() => new()
    {
        Position = new StatePosition(_before.Position.Epoch, _sequence),
        Nodes = _nodes.ToImmutable(),
        Containers = _containers.ToImmutable(),
        ByEngineId = _byEngineId.ToImmutable(),
        Newest = _newest.ToImmutable(),
        CollectionCounts = _collections.ToImmutable(),
        Scheduling = Scheduling,
    };

    /// <summary>Keeps the order and the collections' counts; most changes of a container touch neither.</summary>
    private void Arrange(ContainerRecord? old, ContainerRecord? now)
    {
        if (old is not null && now is not null && old.CreatedAt == now.CreatedAt && string.Equals(old.Collection, now.Collection, StringComparison.Ordinal))
        {
            return;
        }

        if (old is not null)
        {
            _newest.Remove(ContainerPlace.Of(old));
            _collections[old.Collection] = _collections.GetValueOrDefault(old.Collection) - 1;
        }

        if (now is not null)
        {
            _newest.Add(ContainerPlace.Of(now));
            _collections[now.Collection] = _collections.GetValueOrDefault(now.Collection) + 1;
        }
    }

    private void Count(ContainerRecord? container, int by)
    {
        if (container is null || !_nodes.TryGetValue(container.NodeId, out var node))
        {
            return;
        }

        // Counters are part of the node's record but no change of their own: the container's change says it all.
        _nodes[node.Id] = node with
        {
            Containers = node.Containers + by,
            Reserved = PlacementFacts.Count(node.Reserved, container, by),
            Running = node.Running + (container.State is "running" or "paused" or "restarting" ? by : 0),
        };
    }
}
