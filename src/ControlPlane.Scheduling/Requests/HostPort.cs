using System.Globalization;
using System.Net;

namespace ControlPlane.Scheduling;

/// <summary>A port on a host's address. Port 0 is ephemeral: the engine picks one, so it never clashes.</summary>
public readonly record struct HostPort
{
    private readonly string? _address;

    private HostPort(string address, int port, PortProtocol protocol)
    {
        // One form for "every address", also in default(HostPort): equality looks at the field.
        _address = address.Length == 0 ? null : address;
        Port = port;
        Protocol = protocol;
    }

    /// <summary>The address in canonical form, or empty for every address of the host.</summary>
    public string Address => _address ?? "";

    /// <summary>0 (ephemeral) to 65535.</summary>
    public int Port { get; }

    /// <summary>Transport; ports of different transports never clash.</summary>
    public PortProtocol Protocol { get; }

    /// <summary>True when the engine picks the port.</summary>
    public bool IsEphemeral => Port == 0;

    /// <summary>A port on every address of the host.</summary>
    /// <param name="port">0 to 65535.</param>
    /// <param name="protocol">Transport.</param>
    public static HostPort OnAnyAddress(int port, PortProtocol protocol = PortProtocol.Tcp)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(port);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(port, IPEndPoint.MaxPort);
        return new HostPort("", port, protocol);
    }

    /// <summary>Reads a binding as the engine writes it (<c>HostIp</c>, <c>HostPort</c>, <c>tcp|udp|sctp</c>).</summary>
    /// <param name="address">An IP address; null, empty, <c>0.0.0.0</c> and <c>::</c> mean every address.</param>
    /// <param name="port">0 to 65535.</param>
    /// <param name="protocol">In any case; null or empty means tcp.</param>
    /// <param name="hostPort">The port, when true is returned.</param>
    public static bool TryCreate(string? address, int port, string? protocol, out HostPort hostPort)
    {
        hostPort = default;
        if (port is < 0 or > IPEndPoint.MaxPort
            || !TryReadProtocol(protocol, out var transport)
            || !TryReadAddress(address, out var canonical))
        {
            return false;
        }

        hostPort = new HostPort(canonical, port, transport);
        return true;
    }

    /// <summary>True when one host cannot give out both: same transport and port, and the same address or one of them every address.</summary>
    /// <param name="other">Another port of the same host.</param>
    public bool ClashesWith(HostPort other) =>
        !IsEphemeral
        && Port == other.Port
        && Protocol == other.Protocol
        && (Address.Length == 0 || other.Address.Length == 0 || string.Equals(Address, other.Address, StringComparison.Ordinal));

    /// <summary>Returns e.g. <c>443/tcp</c>, <c>10.0.0.1:443/tcp</c> or <c>[fd00::1]:53/udp</c>.</summary>
    public override string ToString()
    {
        var protocol = Protocol switch { PortProtocol.Udp => "udp", PortProtocol.Sctp => "sctp", _ => "tcp" };
        var host = Address.Length == 0 ? "" : Address.Contains(':', StringComparison.Ordinal) ? $"[{Address}]:" : $"{Address}:";
        return string.Create(CultureInfo.InvariantCulture, $"{host}{Port}/{protocol}");
    }

    private static bool TryReadProtocol(string? text, out PortProtocol protocol)
    {
        protocol = text?.ToLowerInvariant() switch { "udp" => PortProtocol.Udp, "sctp" => PortProtocol.Sctp, _ => PortProtocol.Tcp };
        return string.IsNullOrEmpty(text) || protocol != PortProtocol.Tcp || text.Equals("tcp", StringComparison.OrdinalIgnoreCase);
    }

    private static bool TryReadAddress(string? text, out string canonical)
    {
        canonical = "";
        if (string.IsNullOrEmpty(text))
        {
            return true;
        }

        if (!IPAddress.TryParse(text, out var address))
        {
            return false;
        }

        address = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        var isEvery = address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);
        canonical = isEvery ? "" : address.ToString();
        return true;
    }
}
