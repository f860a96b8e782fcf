using System.Formats.Asn1;
using System.Text;

namespace ControlPlane.Ldap.Protocol;

/// <summary>Encodes the requests this client makes (RFC 4511, section 4).</summary>
internal static class RequestWriter
{
    private const int Version = 3;
    private const int NeverDereferenceAliases = 0;

    public static byte[] Bind(int id, string dn, byte[] password) => Message(id, writer =>
    {
        using var _ = writer.PushSequence(Application(0));
        writer.WriteInteger(Version);
        WriteText(writer, dn);
        writer.WriteOctetString(password, Context(0));
    });

    public static byte[] Unbind(int id) => Message(id, writer => writer.WriteNull(Application(2)));

    /// <summary>The content is the other message's id, without a tag of its own.</summary>
    public static byte[] Abandon(int id, int abandoned) => Message(id, writer => writer.WriteInteger(abandoned, Application(16)));

    public static byte[] Extended(int id, string oid, byte[]? value) => Message(id, writer =>
    {
        using var _ = writer.PushSequence(Application(23));
        WriteText(writer, oid, Context(0));
        if (value is not null)
        {
            writer.WriteOctetString(value, Context(1));
        }
    });

    /// <param name="id">Of the message.</param>
    /// <param name="search">What to search.</param>
    /// <param name="sizeLimit">The limit the server shall keep; 0 for none.</param>
    /// <param name="pageSize">0 for no paging.</param>
    /// <param name="cookie">Empty on the first page.</param>
    public static byte[] Search(int id, LdapSearch search, int sizeLimit, int pageSize, byte[] cookie) => Message(
        id,
        writer =>
        {
            using var _ = writer.PushSequence(Application(3));
            WriteText(writer, search.BaseDn);
            writer.WriteEncodedValue([BerReader.Enumerated, 1, (byte)search.Scope]);
            writer.WriteEncodedValue([BerReader.Enumerated, 1, NeverDereferenceAliases]);
            writer.WriteInteger(sizeLimit);
            writer.WriteInteger(search.TimeLimit);
            writer.WriteBoolean(search.TypesOnly);
            search.Filter.Write(writer);
            using var attributes = writer.PushSequence();
            foreach (var attribute in search.Attributes)
            {
                WriteText(writer, attribute);
            }
        },
        pageSize > 0 || search.DomainScope ? writer => WriteControls(writer, search, pageSize, cookie) : null);

    private static void WriteControls(AsnWriter writer, LdapSearch search, int pageSize, byte[] cookie)
    {
        if (pageSize > 0)
        {
            var page = new AsnWriter(AsnEncodingRules.BER);
            using (page.PushSequence())
            {
                page.WriteInteger(pageSize);
                page.WriteOctetString(cookie);
            }

            // Critical: a server that does not page would otherwise cut the result at its limit.
            WriteControl(writer, LdapOid.PagedResults, isCritical: true, page.Encode());
        }

        if (search.DomainScope)
        {
            // Not critical: references are skipped anyway, and other servers do not know it.
            WriteControl(writer, LdapOid.DomainScope, isCritical: false, null);
        }
    }

    private static void WriteControl(AsnWriter writer, string oid, bool isCritical, byte[]? value)
    {
        using var _ = writer.PushSequence();
        WriteText(writer, oid);
        if (isCritical)
        {
            writer.WriteBoolean(true);
        }

        if (value is not null)
        {
            writer.WriteOctetString(value);
        }
    }

    private static byte[] Message(int id, Action<AsnWriter> operation, Action<AsnWriter>? controls = null)
    {
        var writer = new AsnWriter(AsnEncodingRules.BER);
        using (writer.PushSequence())
        {
            writer.WriteInteger(id);
            operation(writer);
            if (controls is not null)
            {
                using var _ = writer.PushSequence(Context(0));
                controls(writer);
            }
        }

        var message = writer.Encode();

        // A bind's password is in there; Reset overwrites it.
        writer.Reset();
        return message;
    }

    private static void WriteText(AsnWriter writer, string text, Asn1Tag? tag = null) => writer.WriteOctetString(Encoding.UTF8.GetBytes(text), tag);

    private static Asn1Tag Application(int number) => new(TagClass.Application, number);

    private static Asn1Tag Context(int number) => new(TagClass.ContextSpecific, number);
}
