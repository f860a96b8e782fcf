using System.Formats.Asn1;
using System.Text;

namespace ControlPlane.Ldap.Tests.Filters;

/// <summary>Reads a filter's BER form by the class library's reader, after RFC 4511, section 4.5.1.7, and not after the product's writer.</summary>
internal static class FilterOracle
{
    public static byte[] Encode(LdapFilter filter)
    {
        var writer = new AsnWriter(AsnEncodingRules.BER);
        filter.Write(writer);
        return writer.Encode();
    }

    public static LdapFilter Decode(byte[] encoded)
    {
        var reader = new AsnReader(encoded, AsnEncodingRules.BER);
        var filter = Read(reader);
        reader.ThrowIfNotEmpty();
        return filter;
    }

    private static LdapFilter Read(AsnReader reader)
    {
        var tag = reader.PeekTag();
        tag.TagClass.ShouldBe(TagClass.ContextSpecific);
        return tag.TagValue switch
        {
            0 => LdapFilter.And(ReadAll(reader.ReadSequence(tag))),
            1 => LdapFilter.Or(ReadAll(reader.ReadSequence(tag))),
            2 => LdapFilter.Not(ReadAll(reader.ReadSequence(tag)).ShouldHaveSingleItem()),
            3 => ReadComparison(FilterComparison.Equal, reader.ReadSequence(tag)),
            4 => ReadSubstring(reader.ReadSequence(tag)),
            5 => ReadComparison(FilterComparison.GreaterOrEqual, reader.ReadSequence(tag)),
            6 => ReadComparison(FilterComparison.LessOrEqual, reader.ReadSequence(tag)),
            7 => LdapFilter.Present(Encoding.UTF8.GetString(reader.ReadOctetString(tag))),
            8 => ReadComparison(FilterComparison.Approximate, reader.ReadSequence(tag)),
            9 => ReadExtensible(reader.ReadSequence(tag)),
            _ => throw new InvalidOperationException($"No filter has the tag {tag}."),
        };
    }

    private static List<LdapFilter> ReadAll(AsnReader reader)
    {
        var filters = new List<LdapFilter>();
        while (reader.HasData)
        {
            filters.Add(Read(reader));
        }

        return filters;
    }

    private static ComparisonFilter ReadComparison(FilterComparison comparison, AsnReader reader)
    {
        var filter = new ComparisonFilter(comparison, Encoding.UTF8.GetString(reader.ReadOctetString()), reader.ReadOctetString());
        reader.ThrowIfNotEmpty();
        return filter;
    }

    private static SubstringFilter ReadSubstring(AsnReader reader)
    {
        var attribute = Encoding.UTF8.GetString(reader.ReadOctetString());
        var parts = reader.ReadSequence();
        reader.ThrowIfNotEmpty();
        byte[]? initial = null;
        byte[]? final = null;
        var any = new List<byte[]>();
        while (parts.HasData)
        {
            var tag = parts.PeekTag();
            final.ShouldBeNull();
            var value = parts.ReadOctetString(tag);
            switch (tag.TagValue)
            {
                case 0:
                    initial = value;
                    any.ShouldBeEmpty();
                    break;
                case 1:
                    any.Add(value);
                    break;
                default:
                    final = value;
                    break;
            }
        }

        return new SubstringFilter(attribute, initial, [.. any], final);
    }

    private static ExtensibleFilter ReadExtensible(AsnReader reader)
    {
        string? rule = null;
        string? attribute = null;
        byte[]? value = null;
        var dnAttributes = false;
        while (reader.HasData)
        {
            var tag = reader.PeekTag();
            switch (tag.TagValue)
            {
                case 1:
                    rule = Encoding.UTF8.GetString(reader.ReadOctetString(tag));
                    break;
                case 2:
                    attribute = Encoding.UTF8.GetString(reader.ReadOctetString(tag));
                    break;
                case 3:
                    value = reader.ReadOctetString(tag);
                    break;
                default:
                    dnAttributes = reader.ReadBoolean(tag);
                    break;
            }
        }

        return new ExtensibleFilter(attribute, rule, value.ShouldNotBeNull(), dnAttributes);
    }
}
