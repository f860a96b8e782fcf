using System.Net;
using System.Net.Sockets;

namespace ControlPlane.Contracts.Agents;

/// <summary>Where the published ports of a node are reachable: what may stand there, told alike by the agent and the server.</summary>
public static class NodeAddress
{
    /// <summary>Longest DNS name (RFC 1035).</summary>
    public const int MaxLength = 253;

    /// <summary>The rule for people.</summary>
    public const string Shape = "an IPv4 or IPv6 address, or a host name of letters, digits and hyphens of at most 253 characters; without port, and not 0.0.0.0 or ::";

    private const int MaxLabel = 63;

    /// <summary>True for an IP literal or a host name (RFC 1123).</summary>
    /// <param name="text">The text.</param>
    public static bool IsValid(string? text)
    {
        if (text is not { Length: > 0 and <= MaxLength })
        {
            return false;
        }

        return IPAddress.TryParse(text, out var ip) ? IsLiteral(text, ip) : IsName(text);
    }

    /// <summary>True when a valid address is an IP literal and not a name.</summary>
    /// <param name="address">A valid address, or none.</param>
    public static bool IsIp(string? address) => IPAddress.TryParse(address, out _);

    /// <summary>Parsers read more than people do: <c>10.1</c>, <c>0x7f000001</c> and <c>010.0.0.1</c> name other hosts than it seems, <c>[::1]:80</c> has a port.</summary>
    private static bool IsLiteral(string text, IPAddress ip) => ip.AddressFamily == AddressFamily.InterNetwork
        ? !ip.Equals(IPAddress.Any) && string.Equals(ip.ToString(), text, StringComparison.Ordinal)
        : !ip.Equals(IPAddress.IPv6Any) && !ip.IsIPv4MappedToIPv6 && text.All(c => char.IsAsciiHexDigit(c) || c is ':' or '.');

    private static bool IsName(string text)
    {
        var labels = text.Split('.');

        // A name whose last label is a number is an IPv4 address that went wrong.
        return labels.All(IsLabel) && !labels[^1].All(char.IsAsciiDigit);
    }

    private static bool IsLabel(string label) =>
        label.Length is > 0 and <= MaxLabel
        && char.IsAsciiLetterOrDigit(label[0]) && char.IsAsciiLetterOrDigit(label[^1])
        && label.All(c => char.IsAsciiLetterOrDigit(c) || c == '-');
}
