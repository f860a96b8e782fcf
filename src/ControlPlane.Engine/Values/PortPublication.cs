using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace ControlPlane.Engine.Values;

/// <summary>A published port in the short form of the CLI: <c>[[ip:]hostPort:]containerPort[/protocol]</c>.</summary>
/// <param name="HostIp">Address of the host in canonical form, without brackets; null is every address.</param>
/// <param name="HostPort">1 to 65535; null is a free port chosen by the engine.</param>
/// <param name="Port">The container's port.</param>
public sealed record PortPublication(string? HostIp, int? HostPort, ContainerPort Port)
{
    /// <summary>Reads one publication; ranges are not read.</summary>
    /// <param name="text"><c>80</c>, <c>8080:80</c>, <c>127.0.0.1:8080:80/udp</c>, <c>127.0.0.1::80</c>, <c>[::1]:8080:80</c>.</param>
    /// <param name="publication">The publication.</param>
    public static bool TryParse(string? text, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out PortPublication? publication)
    {
        publication = null;
        if (text is null)
        {
            return false;
        }

        var last = text.LastIndexOf(':');
        if (!ContainerPort.TryParse(text[(last + 1)..], out var port))
        {
            return false;
        }

        if (last < 0)
        {
            publication = new PortPublication(null, null, port);
            return true;
        }

        var rest = text[..last];
        var middle = rest.LastIndexOf(':');
        string? ip = null;
        var hostPort = rest[(middle + 1)..];
        if (middle >= 0 && !TryParseAddress(Unbracketed(rest[..middle]), out ip))
        {
            return false;
        }

        if (hostPort.Length == 0 && middle >= 0)
        {
            publication = new PortPublication(ip, null, port);
            return true;
        }

        if (!PortNumber.TryParse(hostPort, out var number))
        {
            return false;
        }

        publication = new PortPublication(ip, number, port);
        return true;
    }

    /// <summary>
    /// Reads an address of the host: four decimal numbers, or IPv6 without a zone. Other spellings of IPv4 that resolvers accept
    /// (<c>127.1</c>, <c>0x7f000001</c>, <c>010.0.0.1</c>) are refused.
    /// </summary>
    /// <param name="text">The text, without brackets.</param>
    /// <param name="address">The canonical form.</param>
    public static bool TryParseAddress(string? text, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out string? address)
    {
        address = null;
        if (text is null || text.Contains('%', StringComparison.Ordinal) || text.Contains('[', StringComparison.Ordinal)
            || !IPAddress.TryParse(text, out var ip))
        {
            return false;
        }

        var canonical = ip.ToString();
        if (ip.AddressFamily == AddressFamily.InterNetwork && canonical != text)
        {
            return false;
        }

        address = canonical;
        return true;
    }

    /// <summary>The short form.</summary>
    public override string ToString()
    {
        var host = HostPort?.ToString(CultureInfo.InvariantCulture) ?? "";
        if (HostIp is not null)
        {
            var ip = HostIp.Contains(':', StringComparison.Ordinal) ? "[" + HostIp + "]" : HostIp;
            return ip + ":" + host + ":" + Port;
        }

        return host.Length == 0 ? Port.ToString() : host + ":" + Port;
    }

    // IPv6 needs its brackets here: without them nobody could tell where the address ends.
    private static string Unbracketed(string text) => text switch
    {
        ['[', .. var inner, ']'] when inner.Contains(':', StringComparison.Ordinal) => inner,
        _ => text.Contains(':', StringComparison.Ordinal) ? "" : text,
    };
}
