using System.Formats.Asn1;
using System.Text;

namespace ControlPlane.Ldap.Tests.Fakes;

/// <summary>Messages as a server writes them.</summary>
internal static class Answer
{
    public const int Bind = 1;
    public const int SearchDone = 5;
    public const int Extended = 24;

    public static byte[] Result(int id, int operation, int code, string diagnostic = "", string? responseName = null, string? cookie = null, string? referral = null) => Message(
        id,
        writer =>
        {
            using var _ = writer.PushSequence(new Asn1Tag(TagClass.Application, operation));
            writer.WriteEncodedValue([0x0A, 1, (byte)code]);
            writer.WriteOctetString([]);
            writer.WriteOctetString(Encoding.UTF8.GetBytes(diagnostic));
            if (referral is not null)
            {
                using var referrals = writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 3));
                writer.WriteOctetString(Encoding.UTF8.GetBytes(referral));
            }

            if (responseName is not null)
            {
                writer.WriteOctetString(Encoding.UTF8.GetBytes(responseName), new Asn1Tag(TagClass.ContextSpecific, 10));
            }
        },
        cookie);

    public static byte[] Disconnection(int code = 52) => Result(0, Extended, code, "shutting down", "1.3.6.1.4.1.1466.20036");

    public static byte[] Entry(int id, string dn, params (string Name, string[] Values)[] attributes) => Message(id, writer =>
    {
        using var _ = writer.PushSequence(new Asn1Tag(TagClass.Application, 4));
        writer.WriteOctetString(Encoding.UTF8.GetBytes(dn));
        using var list = writer.PushSequence();
        foreach (var (name, values) in attributes)
        {
            using var attribute = writer.PushSequence();
            writer.WriteOctetString(Encoding.UTF8.GetBytes(name));
            using var set = writer.PushSetOf();
            foreach (var value in values)
            {
                writer.WriteOctetString(Encoding.UTF8.GetBytes(value));
            }
        }
    });

    public static byte[] Reference(int id, string uri) => Message(id, writer =>
    {
        using var _ = writer.PushSequence(new Asn1Tag(TagClass.Application, 19));
        writer.WriteOctetString(Encoding.UTF8.GetBytes(uri));
    });

    public static byte[] Intermediate(int id) => Message(id, writer =>
    {
        using var _ = writer.PushSequence(new Asn1Tag(TagClass.Application, 25));
    });

    private static byte[] Message(int id, Action<AsnWriter> operation, string? cookie = null)
    {
        var writer = new AsnWriter(AsnEncodingRules.BER);
        using (writer.PushSequence())
        {
            writer.WriteInteger(id);
            operation(writer);
            if (cookie is not null)
            {
                WriteCookie(writer, cookie);
            }
        }

        return writer.Encode();
    }

    private static void WriteCookie(AsnWriter writer, string cookie)
    {
        var page = new AsnWriter(AsnEncodingRules.BER);
        using (page.PushSequence())
        {
            page.WriteInteger(0);
            page.WriteOctetString(Encoding.UTF8.GetBytes(cookie));
        }

        using var controls = writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 0));
        using var control = writer.PushSequence();
        writer.WriteOctetString("1.2.840.113556.1.4.319"u8);
        writer.WriteOctetString(page.Encode());
    }
}
