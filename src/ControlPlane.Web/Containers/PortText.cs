using System.Net;
using ControlPlane.Contracts.Agents;
using ControlPlane.Core.Containers;

namespace ControlPlane.Web.Containers;

/// <summary>Where a port is reachable, for people.</summary>
/// <param name="Text">Such as <c>192.0.2.7:8080</c>.</param>
/// <param name="Link">There by HTTP; null where a browser cannot go.</param>
public sealed record PortText(string Text, string? Link)
{
    public static PortText Of(PortReport port)
    {
        ArgumentNullException.ThrowIfNull(port);
        if (port.HostPort <= 0)
        {
            return new PortText("not published", null);
        }

        if (PublishedPorts.IsEverywhere(port.HostIp))
        {
            return new PortText($"*:{port.HostPort}", null);
        }

        var host = port.HostIp.Contains(':', StringComparison.Ordinal) ? $"[{port.HostIp}]" : port.HostIp;
        var text = $"{host}:{port.HostPort}";

        // What an engine reports goes into a link only when it is an address; loopback is another machine's here.
        return new PortText(text, port.Protocol == "tcp" && NodeAddress.IsValid(port.HostIp) && !IsLoopback(port.HostIp) ? $"http://{text}" : null);
    }

    private static bool IsLoopback(string hostIp) => IPAddress.TryParse(hostIp, out var ip) && IPAddress.IsLoopback(ip);
}
