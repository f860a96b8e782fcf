using System.Runtime.InteropServices;
using ControlPlane.Scheduling;

namespace ControlPlane.Core.Placement;

/// <summary>Running totals of one node.</summary>
internal sealed class NodeUsage : INodeUsage
{
    private readonly HostPortTable _ports = new();
    private readonly Dictionary<string, Held> _containers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _generic = new(StringComparer.Ordinal);

    public long ReservedMemoryBytes { get; private set; }

    public long ReservedNanoCpus { get; private set; }

    public int ContainerCount { get; private set; }

    public IReadOnlyCollection<ContainerFacts> Containers =>
        [.. _containers.Select(pair => Facts(pair.Key, pair.Value.Known ?? pair.Value.Reserved!))];

    public bool IsTaken(HostPort port) => _ports.IsTaken(port);

    public long ReservedGeneric(string name) => _generic.GetValueOrDefault(name);

    public void Add(string key, bool reserved, ContainerLoad load)
    {
        ref var held = ref CollectionsMarshal.GetValueRefOrAddDefault(_containers, key, out _);
        held = reserved ? held with { Reserved = load } : held with { Known = load };
        Count(load, 1);
        foreach (var port in load.HostPorts)
        {
            _ports.Add(port);
        }
    }

    public void Subtract(string key, bool reserved, ContainerLoad load)
    {
        ref var held = ref CollectionsMarshal.GetValueRefOrNullRef(_containers, key);
        held = reserved ? held with { Reserved = null } : held with { Known = null };
        if (held is { Known: null, Reserved: null })
        {
            _containers.Remove(key);
        }

        Count(load, -1);
        foreach (var port in load.HostPorts)
        {
            _ports.Remove(port);
        }
    }

    // Engines accept any 64-bit figure; bounded, no sum can overflow and look like free memory.
    private void Count(ContainerLoad load, int sign)
    {
        ReservedMemoryBytes += sign * Math.Clamp(load.MemoryBytes, 0, NodeCapacity.MaxQuantity);
        ReservedNanoCpus += sign * Math.Clamp(load.NanoCpus, 0, NodeCapacity.MaxQuantity);
        ContainerCount += sign;
        foreach (var (name, count) in load.GenericResources)
        {
            _generic[name] = _generic.GetValueOrDefault(name) + (sign * Math.Clamp(count, 0, NodeCapacity.MaxQuantity));
        }
    }

    private static ContainerFacts Facts(string key, ContainerLoad load) =>
        new() { Id = key, EngineId = load.EngineId, Names = load.Names, Labels = load.Labels };

    /// <summary>A container, its reservation, or for a moment both.</summary>
    private readonly record struct Held(ContainerLoad? Known, ContainerLoad? Reserved);
}
