using ControlPlane.Scheduling;

namespace ControlPlane.Core.Placement;

/// <summary>Running totals of one node.</summary>
internal sealed class NodeUsage : INodeUsage
{
    private readonly HostPortTable _ports = new();
    private readonly Dictionary<(string Key, bool Reserved), ContainerFacts> _containers = [];
    private readonly Dictionary<string, long> _generic = new(StringComparer.Ordinal);

    public long ReservedMemoryBytes { get; private set; }

    public long ReservedNanoCpus { get; private set; }

    public int ContainerCount { get; private set; }

    public IReadOnlyCollection<ContainerFacts> Containers => _containers.Values;

    public bool IsTaken(HostPort port) => _ports.IsTaken(port);

    public long ReservedGeneric(string name) => _generic.GetValueOrDefault(name);

    public void Add(string key, bool reserved, ContainerLoad load)
    {
        _containers[(key, reserved)] = new ContainerFacts { Id = key, EngineId = load.EngineId, Names = load.Names, Labels = load.Labels };
        Count(load, 1);
        foreach (var port in load.HostPorts)
        {
            _ports.Add(port);
        }
    }

    public void Subtract(string key, bool reserved, ContainerLoad load)
    {
        _containers.Remove((key, reserved));
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
}
