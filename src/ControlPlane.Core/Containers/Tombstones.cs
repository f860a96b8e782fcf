using System.Collections.Concurrent;

namespace ControlPlane.Core.Containers;

/// <summary>
/// Containers that were removed while their node was away: the name is free already, the engine's copy goes when the node is
/// back. A copy of the rows in phase Removing without a name.
/// </summary>
public sealed class Tombstones
{
    private readonly ConcurrentDictionary<string, string> _nodes = new(StringComparer.Ordinal);

    public void Add(string id, string nodeId) => _nodes[id] = nodeId;

    public void Remove(string id) => _nodes.TryRemove(id, out _);

    public bool Contains(string id) => _nodes.ContainsKey(id);

    public IReadOnlyList<string> Of(string nodeId) =>
        [.. _nodes.Where(pair => string.Equals(pair.Value, nodeId, StringComparison.Ordinal)).Select(pair => pair.Key)];
}
