namespace ControlPlane.Core.Containers.Admission;

/// <summary>The host ports of a demand in the scheduler's form.</summary>
internal static class DemandPorts
{
    public static IReadOnlyList<Scheduling.HostPort> Of(SpecDemand demand)
    {
        if (demand.HostPorts.Count == 0)
        {
            return [];
        }

        var ports = new List<Scheduling.HostPort>(demand.HostPorts.Count);
        foreach (var port in demand.HostPorts)
        {
            if (Scheduling.HostPort.TryCreate(port.Address, port.Port, port.Protocol, out var hostPort))
            {
                ports.Add(hostPort);
            }
        }

        return ports;
    }
}
