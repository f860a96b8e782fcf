using System.Formats.Asn1;
using System.Text;

namespace ControlPlane.Ldap.Tests.Fakes;

/// <summary>A request as the server reads it: by the class library's own reader, not by the product's.</summary>
internal sealed record FakeRequest(int Id, Asn1Tag Operation, byte[] Content, byte[]? Controls)
{
    public bool IsUnbind => Operation.TagValue == 2;

    public bool IsSearch => Operation.TagValue == 3;

    public bool IsAbandon => Operation.TagValue == 16;

    public static FakeRequest? TryRead(byte[] data)
    {
        if (!AsnDecoder.TryReadEncodedValue(data, AsnEncodingRules.BER, out _, out _, out _, out var consumed) || consumed != data.Length)
        {
            return null;
        }

        var message = new AsnReader(data, AsnEncodingRules.BER).ReadSequence();
        var id = (int)message.ReadInteger();
        var operation = message.PeekTag();
        var content = message.PeekContentBytes().ToArray();
        message.ReadEncodedValue();
        return new FakeRequest(id, operation, content, message.HasData ? message.PeekContentBytes().ToArray() : null);
    }

    /// <summary>Of a search: base, scope, size limit, filter and attributes.</summary>
    public (string BaseDn, int Scope, int SizeLimit, int TimeLimit, bool TypesOnly, byte[] Filter, string[] Attributes) Search()
    {
        var reader = new AsnReader(Content, AsnEncodingRules.BER);
        var baseDn = Encoding.UTF8.GetString(reader.ReadOctetString());
        var scope = (int)reader.ReadEnumeratedBytes().Span[0];
        reader.ReadEnumeratedBytes().Span[0].ShouldBe((byte)0);
        var sizeLimit = (int)reader.ReadInteger();
        var timeLimit = (int)reader.ReadInteger();
        var typesOnly = reader.ReadBoolean();
        var filter = reader.ReadEncodedValue().ToArray();
        var list = reader.ReadSequence();
        var attributes = new List<string>();
        while (list.HasData)
        {
            attributes.Add(Encoding.UTF8.GetString(list.ReadOctetString()));
        }

        reader.ThrowIfNotEmpty();
        return (baseDn, scope, sizeLimit, timeLimit, typesOnly, filter, [.. attributes]);
    }

    /// <summary>Of a paged search: size and cookie.</summary>
    public (int Size, string Cookie)? Page()
    {
        if (Controls is null)
        {
            return null;
        }

        var controls = new AsnReader(Controls, AsnEncodingRules.BER);
        while (controls.HasData)
        {
            var control = controls.ReadSequence();
            if (Encoding.UTF8.GetString(control.ReadOctetString()) != "1.2.840.113556.1.4.319")
            {
                continue;
            }

            control.ReadBoolean().ShouldBeTrue();
            var value = new AsnReader(control.ReadOctetString(), AsnEncodingRules.BER).ReadSequence();
            return ((int)value.ReadInteger(), Encoding.UTF8.GetString(value.ReadOctetString()));
        }

        return null;
    }
}
