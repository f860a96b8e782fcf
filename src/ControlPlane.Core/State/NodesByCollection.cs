using System.Collections.Concurrent;
using System.Collections.Frozen;
using ControlPlane.Core.Access;
using ControlPlane.Scheduling;

namespace ControlPlane.Core.State;

/// <summary>Which nodes belong to which collection; written under the writer's lock, read by anybody.</summary>
internal sealed class NodesByCollection
{
    // Asked with what callers may: few different sets.
    private const int MaxKnown = 1000;

    private readonly ConcurrentDictionary<string, string> _of = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, FrozenSet<NodeId>> _known = new(StringComparer.Ordinal);
    private long _version;

    public void Change(NodeRecord? old, NodeRecord? now)
    {
        if (string.Equals(old?.Collection, now?.Collection, StringComparison.Ordinal))
        {
            return;
        }

        if (now is not null)
        {
            _of[now.Id] = now.Collection;
        }
        else
        {
            _of.TryRemove(old!.Id, out _);
        }

        Interlocked.Increment(ref _version);
        _known.Clear();
    }

    /// <summary>The nodes of these collections and of those below them.</summary>
    public IReadOnlySet<NodeId> In(IReadOnlyList<string> collections)
    {
        var key = string.Join('\n', collections);
        if (_known.TryGetValue(key, out var known))
        {
            return known;
        }

        var version = Interlocked.Read(ref _version);
        var nodes = _of.Where(pair => collections.Any(collection => CollectionPath.IsSelfOrUnder(pair.Value, collection)))
            .Select(pair => new NodeId(pair.Key)).ToFrozenSet();
        // Not kept when a node moved meanwhile.
        if (_known.Count < MaxKnown && version == Interlocked.Read(ref _version))
        {
            _known[key] = nodes;
        }

        return nodes;
    }
}
