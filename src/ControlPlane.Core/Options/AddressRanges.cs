using System.Net;
using System.Net.Sockets;

namespace ControlPlane.Core.Options;

/// <summary>A list of addresses and networks, as an operator writes it: <c>10.0.0.5, 10.1.0.0/16, fd00::/8</c>.</summary>
/// <param name="Networks">An address is a network of one.</param>
/// <param name="Problems">What could not be read, each a part of a sentence.</param>
public sealed record AddressRanges(IReadOnlyList<IPNetwork> Networks, IReadOnlyList<string> Problems)
{
    public bool IsEmpty => Networks.Count == 0;

    public static AddressRanges Read(string? text)
    {
        var networks = new List<IPNetwork>();
        var problems = new List<string>();
        foreach (var part in (text ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (ReadOne(part) is not { } network)
            {
                problems.Add($"holds '{part}', which is neither an IP address nor a network such as 10.1.0.0/16");
            }
            else if (network.PrefixLength == 0)
            {
                problems.Add($"holds '{part}', which is everybody");
            }
            else
            {
                networks.Add(network);
            }
        }

        return new AddressRanges(networks, problems);
    }

    public bool Contains(IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return Networks.Any(network => network.Contains(plain));
    }

    // "10.1" is an address for the parser, and none for people.
    private static IPNetwork? ReadOne(string part) =>
        IPNetwork.TryParse(part, out var network) ? network
        : !IPAddress.TryParse(part, out var address) ? null
        : address.AddressFamily == AddressFamily.InterNetworkV6 ? new IPNetwork(address, 128)
        : part.Count(c => c == '.') == 3 ? new IPNetwork(address, 32)
        : null;
}
