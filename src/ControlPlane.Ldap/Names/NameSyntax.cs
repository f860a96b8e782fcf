using System.Globalization;
using System.Text;

namespace ControlPlane.Ldap.Names;

/// <summary>The small pieces of RFC 4514 text.</summary>
internal static class NameSyntax
{
    /// <summary>RFC 4514, section 3, and the long forms some servers write.</summary>
    private static readonly Dictionary<string, string> ShortTypes = new(StringComparer.OrdinalIgnoreCase)
    {
        ["2.5.4.3"] = "cn",
        ["commonName"] = "cn",
        ["2.5.4.4"] = "sn",
        ["surname"] = "sn",
        ["2.5.4.6"] = "c",
        ["countryName"] = "c",
        ["2.5.4.7"] = "l",
        ["localityName"] = "l",
        ["2.5.4.8"] = "st",
        ["stateOrProvinceName"] = "st",
        ["2.5.4.9"] = "street",
        ["streetAddress"] = "street",
        ["2.5.4.10"] = "o",
        ["organizationName"] = "o",
        ["2.5.4.11"] = "ou",
        ["organizationalUnitName"] = "ou",
        ["0.9.2342.19200300.100.1.1"] = "uid",
        ["userid"] = "uid",
        ["0.9.2342.19200300.100.1.25"] = "dc",
        ["domainComponent"] = "dc",
    };

    public static string FoldType(string type)
    {
        var plain = type.StartsWith("OID.", StringComparison.OrdinalIgnoreCase) ? type[4..] : type;
        return ShortTypes.TryGetValue(plain, out var known) ? known : plain.ToLowerInvariant();
    }

    /// <summary>Upper case and then lower: characters that differ only in one of the two directions meet.</summary>
    public static string FoldValue(string value)
    {
        var folded = new StringBuilder(value.Length);
        var blank = false;
        foreach (var character in value)
        {
            if (character == ' ')
            {
                blank = folded.Length > 0;
                continue;
            }

            if (blank)
            {
                folded.Append(' ');
                blank = false;
            }

            folded.Append(char.ToLowerInvariant(char.ToUpperInvariant(character)));
        }

        // A value of blanks alone is still a value.
        return folded.Length == 0 ? " " : folded.ToString();
    }

    public static string Escape(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        var text = new StringBuilder(value.Length + 8);
        for (var i = 0; i < value.Length; i++)
        {
            var character = value[i];
            if (character is < ' ' or '\x7f')
            {
                text.Append(CultureInfo.InvariantCulture, $"\\{(int)character:X2}");
                continue;
            }

            var isAtEdge = (i == 0 && character is ' ' or '#') || (i == value.Length - 1 && character == ' ');
            if (isAtEdge || character is '"' or '+' or ',' or ';' or '<' or '>' or '\\' or '=')
            {
                text.Append('\\');
            }

            text.Append(character);
        }

        return text.ToString();
    }
}
