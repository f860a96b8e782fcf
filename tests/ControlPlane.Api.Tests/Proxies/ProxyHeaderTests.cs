using System.Buffers;
using System.Text;
using ControlPlane.Api.Hosting.Proxies;

namespace ControlPlane.Api.Tests.Proxies;

public sealed class ProxyHeaderTests
{
    private static readonly byte[] Signature = "\r\n\r\n\0\r\nQUIT\n"u8.ToArray();

    public static TheoryData<byte[], string?> Headers => new()
    {
        { Ascii("PROXY TCP4 203.0.113.7 10.0.0.1 51000 8443\r\n"), "203.0.113.7:51000" },
        { Ascii("PROXY TCP6 2001:db8::7 2001:db8::1 51000 8443\r\n"), "[2001:db8::7]:51000" },
        { Ascii("PROXY UNKNOWN\r\n"), null },
        { Ascii("PROXY UNKNOWN ffff::1 ffff::2 1 2\r\n"), null },
        { [.. Signature, 0x21, 0x11, 0, 12, 203, 0, 113, 7, 10, 0, 0, 1, 0xC7, 0x38, 0x20, 0xFB], "203.0.113.7:51000" },
        // With a TLV behind the addresses.
        { [.. Signature, 0x21, 0x11, 0, 16, 203, 0, 113, 7, 10, 0, 0, 1, 0xC7, 0x38, 0x20, 0xFB, 4, 0, 1, 0], "203.0.113.7:51000" },
        { [.. Signature, 0x21, 0x21, 0, 36, .. Enumerable.Repeat((byte)0x20, 16), .. new byte[16], 0xC7, 0x38, 0x20, 0xFB], "[2020:2020:2020:2020:2020:2020:2020:2020]:51000" },
        { [.. Signature, 0x20, 0x00, 0, 0], null },
        { [.. Signature, 0x21, 0x00, 0, 0], null },
    };

    public static TheoryData<byte[]> Broken => new()
    {
        { Ascii("PROXY TCP4 not-an-address 10.0.0.1 51000 8443\r\n") },
        { Ascii("PROXY TCP4 2001:db8::7 2001:db8::1 51000 8443\r\n") },
        { Ascii("PROXY TCP4 203.0.113.7 10.0.0.1 99999 8443\r\n") },
        { Ascii("PROXY TCP4 203.0.113.7 10.0.0.1 51000\r\n") },
        { Ascii("PROXY \r\n") },
        { Ascii("PROXY TCP4 " + new string('1', 120)) },
        { [.. Signature, 0x11, 0x11, 0, 12, .. new byte[12]] },
        { [.. Signature, 0x22, 0x11, 0, 12, .. new byte[12]] },
        { [.. Signature, 0x21, 0x11, 0, 11, .. new byte[11]] },
        { [.. Signature, 0x21, 0x31, 0, 12, .. new byte[12]] },
        { [.. Signature, 0x21, 0x11, 0xFF, 0xFF] },
    };

    [Theory, MemberData(nameof(Headers))]
    public void A_header_names_the_client_and_its_own_length(byte[] header, string? source)
    {
        var read = ProxyHeader.Read(new ReadOnlySequence<byte>([.. header, 0x16, 3, 1]));

        read.Kind.ShouldBe(ProxyHeaderKind.Whole);
        read.Length.ShouldBe(header.Length);
        read.Source?.ToString().ShouldBe(source);
    }

    [Theory, MemberData(nameof(Headers))]
    public void A_header_that_comes_in_pieces_is_waited_for(byte[] header, string? source)
    {
        _ = source;
        for (var length = 0; length < header.Length; length++)
        {
            ProxyHeader.Read(new ReadOnlySequence<byte>(header, 0, length)).Kind.ShouldBe(ProxyHeaderKind.Incomplete, $"{length} bytes");
        }
    }

    [Theory, MemberData(nameof(Broken))]
    public void What_begins_as_a_header_and_is_none_is_broken(byte[] header) =>
        ProxyHeader.Read(new ReadOnlySequence<byte>(header)).Kind.ShouldBe(ProxyHeaderKind.Broken);

    [Theory]
    [InlineData(new byte[] { 0x16, 3, 1, 2, 0 })]
    [InlineData(new byte[] { 0x50, 0x4F, 0x53, 0x54 })]
    public void Tls_and_anything_else_is_the_connections_own(byte[] bytes) =>
        ProxyHeader.Read(new ReadOnlySequence<byte>(bytes)).Kind.ShouldBe(ProxyHeaderKind.None);

    private static byte[] Ascii(string text) => Encoding.ASCII.GetBytes(text);
}
