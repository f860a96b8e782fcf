using System.Net;
using System.Net.Sockets;

namespace ControlPlane.Core.OpenId;

/// <summary>Where requests to a provider may go: only by https to a machine that is not this one, unless it is said explicitly.</summary>
/// <param name="AllowLoopback">This very machine, also by http.</param>
/// <param name="TrustedCa">PEM; null = what the system trusts.</param>
public sealed record OutgoingRules(bool AllowLoopback, string? TrustedCa)
{
    /// <summary>Null when allowed; otherwise what is wrong with it.</summary>
    public string? Problem(string? address)
    {
        if (!Uri.TryCreate(address, UriKind.Absolute, out var uri) || uri.UserInfo.Length > 0 || uri.Host.Length == 0)
        {
            return "must be an absolute address without a name and password";
        }

        if (uri.Scheme == Uri.UriSchemeHttps)
        {
            return null;
        }

        return uri.Scheme == Uri.UriSchemeHttp && uri.IsLoopback && AllowLoopback
            ? null
            : "must begin with https:// (http:// only for 127.0.0.1 and localhost, with allowInsecure)";
    }

    /// <summary>Judged after the name was resolved: a name that points elsewhere the next time helps nobody.</summary>
    public bool Allows(IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        if (IPAddress.IsLoopback(plain))
        {
            return AllowLoopback;
        }

        if (plain.AddressFamily == AddressFamily.InterNetwork)
        {
            // Link-local is where clouds keep the machine's own credentials.
            var bytes = plain.GetAddressBytes();
            return bytes[0] is not 0 and < 224 && !(bytes[0] == 169 && bytes[1] == 254);
        }

        return !plain.IsIPv6LinkLocal && !plain.IsIPv6Multicast && !plain.Equals(IPAddress.IPv6Any);
    }
}
