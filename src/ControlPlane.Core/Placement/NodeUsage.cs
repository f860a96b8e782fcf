using ControlPlane.Scheduling;

namespace ControlPlane.Core.Placement;

/// <summary>Running totals of one node.</summary>
internal sealed class NodeUsage : INodeUsage
{
    private readonly HostPortTable _ports = new();

    public long ReservedMemoryBytes { get; private set; }

    public long ReservedNanoCpus { get; private set; }

    public int ContainerCount { get; private set; }

    public bool IsTaken(HostPort port) => _ports.IsTaken(port);

    public void Add(ContainerLoad load)
    {
        Count(load, 1);
        foreach (var port in load.HostPorts)
        {
            _ports.Add(port);
        }
    }

    public void Subtract(ContainerLoad load)
    {
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
    }
}
