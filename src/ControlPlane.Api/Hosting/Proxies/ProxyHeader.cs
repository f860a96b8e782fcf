using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ControlPlane.Api.Hosting.Proxies;

/// <summary>What the first bytes of a connection are.</summary>
internal enum ProxyHeaderKind
{
    /// <summary>No header: the connection's own bytes.</summary>
    None,

    /// <summary>It may become one.</summary>
    Incomplete,

    Whole,

    /// <summary>It began as one and is not.</summary>
    Broken,
}

/// <summary>The header of the PROXY protocol, versions 1 and 2, by which a TCP proxy says for whom it connects.</summary>
/// <param name="Kind">Whether there is one.</param>
/// <param name="Length">Its bytes.</param>
/// <param name="Source">The client; null when the proxy speaks for itself.</param>
internal readonly record struct ProxyHeader(ProxyHeaderKind Kind, int Length = 0, IPEndPoint? Source = null)
{
    /// <summary>More than any header that has a meaning here.</summary>
    public const int Longest = 2048;

    private const int LongestText = 107;
    private const int BinaryHead = 16;
    private static readonly byte[] Text = "PROXY "u8.ToArray();
    private static readonly byte[] Binary = "\r\n\r\n\0\r\nQUIT\n"u8.ToArray();

    public static ProxyHeader Read(ReadOnlySequence<byte> sequence)
    {
        var bytes = sequence.Slice(0, Math.Min(sequence.Length, Longest)).ToArray().AsSpan();
        if (StartsAs(bytes, Text))
        {
            return ReadText(bytes);
        }

        return StartsAs(bytes, Binary) ? ReadBinary(bytes) : new ProxyHeader(bytes.Length == 0 ? ProxyHeaderKind.Incomplete : ProxyHeaderKind.None);
    }

    private static bool StartsAs(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> signature) =>
        bytes.Length > 0 && bytes[..Math.Min(bytes.Length, signature.Length)].SequenceEqual(signature[..Math.Min(bytes.Length, signature.Length)]);

    private static ProxyHeader ReadText(ReadOnlySpan<byte> bytes)
    {
        var end = bytes.IndexOf("\r\n"u8);
        if (end < 0 || end > LongestText - 2)
        {
            return new ProxyHeader(bytes.Length < LongestText ? ProxyHeaderKind.Incomplete : ProxyHeaderKind.Broken);
        }

        var words = Encoding.ASCII.GetString(bytes[..end]).Split(' ');
        if (words is [_, "UNKNOWN", ..])
        {
            return new ProxyHeader(ProxyHeaderKind.Whole, end + 2);
        }

        return words is [_, "TCP4" or "TCP6", var source, _, var port, _] && IPAddress.TryParse(source, out var address)
            && ushort.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && address.AddressFamily == (words[1] == "TCP4" ? AddressFamily.InterNetwork : AddressFamily.InterNetworkV6)
            ? new ProxyHeader(ProxyHeaderKind.Whole, end + 2, new IPEndPoint(address, number))
            : new ProxyHeader(ProxyHeaderKind.Broken);
    }

    private static ProxyHeader ReadBinary(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < BinaryHead)
        {
            return new ProxyHeader(ProxyHeaderKind.Incomplete);
        }

        var rest = BinaryPrimitives.ReadUInt16BigEndian(bytes[14..]);
        if (bytes[12] is not (0x20 or 0x21) || BinaryHead + rest > Longest)
        {
            return new ProxyHeader(ProxyHeaderKind.Broken);
        }

        if (bytes.Length < BinaryHead + rest)
        {
            return new ProxyHeader(ProxyHeaderKind.Incomplete);
        }

        var whole = new ProxyHeader(ProxyHeaderKind.Whole, BinaryHead + rest);
        var parts = bytes.Slice(BinaryHead, rest);
        return (bytes[12], bytes[13]) switch
        {
            // The proxy's own, e.g. a health check.
            (0x20, _) => whole,
            (_, 0x11) when rest >= 12 => whole with { Source = new IPEndPoint(new IPAddress(parts[..4]), BinaryPrimitives.ReadUInt16BigEndian(parts[8..])) },
            (_, 0x21) when rest >= 36 => whole with { Source = new IPEndPoint(new IPAddress(parts[..16]), BinaryPrimitives.ReadUInt16BigEndian(parts[32..])) },
            (_, 0x00) => whole,
            _ => new ProxyHeader(ProxyHeaderKind.Broken),
        };
    }
}
