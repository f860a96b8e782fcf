using ControlPlane.Contracts.Agents;

namespace ControlPlane.Core.Containers;

/// <summary>Ports under the address by which others reach them.</summary>
public static class PublishedPorts
{
    /// <summary>
    /// The ports with the node's address where the engine listens on all of the host's; engines report IPv4 and IPv6 apart, which are one then.
    /// As they are when the address is not known.
    /// </summary>
    public static IEnumerable<PortReport> At(string? address, IReadOnlyList<PortReport> ports) => string.IsNullOrEmpty(address)
        ? ports
        : ports.Select(port => port.HostPort > 0 && IsEverywhere(port.HostIp) ? port with { HostIp = address } : port).Distinct();

    public static bool IsEverywhere(string? hostIp) => hostIp is null or "" or "0.0.0.0" or "::";
}
