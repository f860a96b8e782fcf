using System.Collections.Concurrent;

namespace ControlPlane.Core.Containers;

/// <summary>
/// Containers that were removed while their node was away: the name is free already, the engine's copy goes when the node is
/// back. A copy of the rows in phase Removing without a name.
/// </summary>
public sealed class Tombstones
{
    private readonly ConcurrentDictionary<string, (string NodeId, DateTime Since)> _graves = new(StringComparer.Ordinal);

    public void Add(string id, string nodeId, DateTime since) => _graves[id] = (nodeId, since);

    public void Remove(string id) => _graves.TryRemove(id, out _);

    public bool Contains(string id) => _graves.ContainsKey(id);

    public IReadOnlyList<string> Of(string nodeId) => OlderThan(nodeId, DateTime.MaxValue);

    /// <summary>Those that an inventory of this time can say something about: what was buried later, it knows nothing of.</summary>
    public IReadOnlyList<string> OlderThan(string nodeId, DateTime inventory) =>
    [
        .. _graves
            .Where(pair => string.Equals(pair.Value.NodeId, nodeId, StringComparison.Ordinal) && pair.Value.Since < inventory)
            .Select(pair => pair.Key),
    ];
}
