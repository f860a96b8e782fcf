using System.Formats.Asn1;
using System.Globalization;
using System.Text;

namespace ControlPlane.Ldap.Filters;

/// <summary>The small pieces of RFC 4515 text and of a filter's BER form.</summary>
internal static class FilterSyntax
{
    private const int MostAttributeCharacters = 256;

    public static void AppendValue(StringBuilder text, ReadOnlySpan<byte> value)
    {
        foreach (var octet in value)
        {
            if (octet is < 0x20 or > 0x7E or (byte)'*' or (byte)'(' or (byte)')' or (byte)'\\')
            {
                text.Append(CultureInfo.InvariantCulture, $"\\{octet:x2}");
            }
            else
            {
                text.Append((char)octet);
            }
        }
    }

    /// <summary>A set of filters, as <c>&amp;</c> and <c>|</c> have it. Written as a sequence: the order is the caller's.</summary>
    public static void WriteSet(AsnWriter writer, int number, IReadOnlyList<LdapFilter> filters)
    {
        using var _ = writer.PushSequence(Context(number));
        foreach (var filter in filters)
        {
            filter.Write(writer);
        }
    }

    public static Asn1Tag Context(int number) => new(TagClass.ContextSpecific, number);

    public static void WriteText(AsnWriter writer, string text, Asn1Tag? tag = null) => writer.WriteOctetString(Encoding.UTF8.GetBytes(text), tag);

    public static bool IsAttribute(string? text)
    {
        if (string.IsNullOrEmpty(text) || text.Length > MostAttributeCharacters)
        {
            return false;
        }

        var parts = text.Split(';');
        return IsName(parts[0]) && parts.Skip(1).All(option => option.Length > 0 && option.All(IsKeyCharacter));
    }

    /// <summary>A short name or an object identifier.</summary>
    public static bool IsName(string text) =>
        text.Length is > 0 and <= MostAttributeCharacters
        && (char.IsAsciiLetter(text[0]) ? text.All(IsKeyCharacter) : IsObjectIdentifier(text));

    private static bool IsObjectIdentifier(string text) =>
        text.Split('.') is { Length: > 1 } parts && parts.All(part => part.Length > 0 && part.All(char.IsAsciiDigit) && (part.Length == 1 || part[0] != '0'));

    private static bool IsKeyCharacter(char character) => char.IsAsciiLetterOrDigit(character) || character == '-';
}
