using System.Collections.Immutable;
using ControlPlane.Core.Placement;

namespace ControlPlane.Core.State;

/// <summary>The cluster in memory: one writer, immutable snapshots, a change stream. See README.md in this folder.</summary>
public sealed class ClusterState
{
    /// <summary>Changes kept for those who resume: at 10 changes a second, about a quarter of an hour.</summary>
    private const int RingSize = 8192;

    private readonly Lock _gate = new();
    private readonly TimeProvider _clock;
    private readonly PlacementIndex _placement = new();
    private readonly StateChange?[] _ring = new StateChange?[RingSize];
    private ImmutableArray<StateSubscription> _subscribers = [];
    private volatile ClusterSnapshot _current;

    public ClusterState(TimeProvider clock)
    {
        _clock = clock;
        _current = new ClusterSnapshot
        {
            Position = default,
            Nodes = ImmutableDictionary.Create<string, NodeRecord>(StringComparer.Ordinal),
            Containers = ImmutableDictionary.Create<string, ContainerRecord>(StringComparer.Ordinal),
            ByEngineId = ImmutableDictionary.Create<string, string>(StringComparer.Ordinal),
            Newest = ImmutableSortedSet.Create(ContainerPlace.NewestFirst),
            CollectionCounts = ImmutableDictionary.Create<string, int>(StringComparer.Ordinal),
        };
    }

    /// <summary>Which networks, volumes and images exist anywhere.</summary>
    public ClusterContents Contents { get; } = new();

    /// <summary>The cluster as of now.</summary>
    public ClusterSnapshot Current => _current;

    /// <summary>Begins a new epoch: called once at start with the leader's epoch, before anybody subscribes.</summary>
    public void BeginEpoch(long epoch)
    {
        lock (_gate)
        {
            _current = _current with { Position = new StatePosition(epoch, 0) };
        }
    }

    /// <summary>Changes the state. <paramref name="change"/> runs under the writer's lock: no waiting, no calls outside.</summary>
    public T Write<T>(Func<StateWriter, T> change)
    {
        ArgumentNullException.ThrowIfNull(change);
        lock (_gate)
        {
            var writer = new StateWriter(_current, _placement, Contents, _clock.GetUtcNow().UtcDateTime);
            var result = change(writer);
            Publish(writer);
            return result;
        }
    }

    /// <inheritdoc cref="Write{T}(Func{StateWriter, T})"/>
    public void Write(Action<StateWriter> change)
    {
        ArgumentNullException.ThrowIfNull(change);
        Write(writer =>
        {
            change(writer);
            return 0;
        });
    }

    /// <summary>A snapshot and every later change.</summary>
    public StateSubscription Subscribe()
    {
        lock (_gate)
        {
            var subscription = new StateSubscription(this, _current);
            _subscribers = _subscribers.Add(subscription);
            return subscription;
        }
    }

    /// <summary>
    /// The changes after <paramref name="position"/> and a subscription that goes on from there, or null when they are no longer
    /// known (another epoch, or too long ago): the reader has to begin from a new snapshot.
    /// </summary>
    public (IReadOnlyList<StateChange> Missed, StateSubscription Subscription)? Resume(StatePosition position)
    {
        lock (_gate)
        {
            var now = _current.Position;
            if (position.Epoch != now.Epoch || position.Sequence > now.Sequence || now.Sequence - position.Sequence > RingSize)
            {
                return null;
            }

            var missed = new List<StateChange>((int)(now.Sequence - position.Sequence));
            for (var sequence = position.Sequence + 1; sequence <= now.Sequence; sequence++)
            {
                missed.Add(_ring[sequence % RingSize]!);
            }

            return (missed, Subscribe());
        }
    }

    internal void Leave(StateSubscription subscription)
    {
        lock (_gate)
        {
            _subscribers = _subscribers.Remove(subscription);
        }
    }

    private void Publish(StateWriter writer)
    {
        if (writer.Changes.Count == 0)
        {
            return;
        }

        foreach (var change in writer.Changes)
        {
            _ring[change.Sequence % RingSize] = change;
        }

        _current = writer.ToSnapshot();
        foreach (var subscriber in _subscribers)
        {
            if (!subscriber.Offer(writer.Changes))
            {
                _subscribers = _subscribers.Remove(subscriber);
            }
        }
    }
}
