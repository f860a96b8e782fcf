using ControlPlane.Contracts.Agents;

namespace ControlPlane.Agent.Session;

/// <summary>The digest over what one session has reported so far.</summary>
internal sealed class ReportedDigest
{
    private readonly Dictionary<string, ulong> _parts = new(StringComparer.Ordinal);

    public ulong Value { get; private set; }

    public void Restart()
    {
        _parts.Clear();
        Value = 0;
    }

    public void Take(InventoryReport report)
    {
        foreach (var removed in report.RemovedContainers)
        {
            if (_parts.Remove(removed, out var old))
            {
                Value -= old;
            }
        }

        foreach (var container in report.Containers)
        {
            var part = InventoryDigest.Of(container);
            Value += part - _parts.GetValueOrDefault(container.EngineId);
            _parts[container.EngineId] = part;
        }
    }
}
