using System.Collections.Concurrent;
using System.Collections.Immutable;

namespace ControlPlane.Core.Nodes.Sessions;

/// <summary>Which commands each agent said it still works on, as of its hello or its last full report.</summary>
public sealed class NodeSyncs
{
    private readonly ConcurrentDictionary<string, ImmutableHashSet<string>> _inFlight = new(StringComparer.Ordinal);

    public IReadOnlySet<string> CommandsInFlight(string nodeId) => _inFlight.GetValueOrDefault(nodeId, []);

    internal void Set(string nodeId, IReadOnlyList<string> commandIds) =>
        _inFlight[nodeId] = commandIds.Take(10_000).ToImmutableHashSet(StringComparer.Ordinal);

    internal void Ended(string nodeId, string commandId)
    {
        if (_inFlight.TryGetValue(nodeId, out var set) && set.Contains(commandId))
        {
            _inFlight.TryUpdate(nodeId, set.Remove(commandId), set);
        }
    }

    internal void Forget(string nodeId) => _inFlight.TryRemove(nodeId, out _);
}
