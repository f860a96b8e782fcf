using ControlPlane.Contracts.Agents;

namespace ControlPlane.Core.Nodes.Sessions;

/// <summary>What an agent has reported in its session: the digest of it, and the parts of a full report until the last is in.</summary>
internal sealed class SessionInventory
{
    /// <summary>More containers than any engine runs; an agent that reports more is broken.</summary>
    public const int MaxContainers = 20_000;

    private readonly Dictionary<string, ulong> _hashes = new(StringComparer.Ordinal);
    private Dictionary<string, ContainerReport>? _parts;
    private List<EngineEvent>? _events;
    private InventoryReport? _contents;
    private long _sequence;

    /// <summary>Sum of the parts, modulo 2^64.</summary>
    public ulong Digest { get; private set; }

    /// <summary>A full report is in.</summary>
    public bool Full { get; private set; }

    /// <summary>Containers were left out because another live node holds them.</summary>
    public bool LeftOut { get; set; }

    public bool Collecting => _parts is not null;

    public void Set(ContainerReport container)
    {
        Forget(container.EngineId);
        var hash = InventoryDigest.Of(container);
        _hashes[container.EngineId] = hash;
        Digest = unchecked(Digest + hash);
    }

    public void Forget(string engineId)
    {
        if (_hashes.Remove(engineId, out var hash))
        {
            Digest = unchecked(Digest - hash);
        }
    }

    /// <summary>Begins again with a full report.</summary>
    public void Replace(IEnumerable<ContainerReport> containers)
    {
        _hashes.Clear();
        Digest = 0;
        Full = true;
        LeftOut = false;
        foreach (var container in containers)
        {
            Set(container);
        }
    }

    /// <summary>Takes a part of a full report; returns the whole when it was the last. Null containers = too many.</summary>
    public bool Collect(InventoryReport part, out InventoryReport? whole)
    {
        whole = null;
        if (_parts is null || part.Sequence != _sequence)
        {
            _parts = new Dictionary<string, ContainerReport>(StringComparer.Ordinal);
            _events = [];
            _contents = null;
            _sequence = part.Sequence;
        }

        foreach (var container in part.Containers)
        {
            _parts[container.EngineId] = container;
        }

        _events!.AddRange(part.Events);
        _contents = part with
        {
            Images = part.Images ?? _contents?.Images,
            Networks = part.Networks ?? _contents?.Networks,
            Volumes = part.Volumes ?? _contents?.Volumes,
            CommandsInFlight = part.CommandsInFlight.Count > 0 ? part.CommandsInFlight : _contents?.CommandsInFlight ?? [],
        };
        if (_parts.Count > MaxContainers || _events.Count > MaxContainers)
        {
            _parts = null;
            return false;
        }

        if (part.Last)
        {
            whole = _contents with { Containers = [.. _parts.Values], Events = _events };
            _parts = null;
            _events = null;
            _contents = null;
        }

        return true;
    }

    /// <summary>A delta that comes between the parts of a full report changes the parts too.</summary>
    public void Amend(InventoryReport delta)
    {
        if (_parts is null)
        {
            return;
        }

        foreach (var container in delta.Containers)
        {
            _parts[container.EngineId] = container;
        }

        foreach (var gone in delta.RemovedContainers)
        {
            _parts.Remove(gone);
        }
    }
}
