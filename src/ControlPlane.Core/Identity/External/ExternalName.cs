using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace ControlPlane.Core.Identity.External;

/// <summary>A name that an account can have, made of the one a source gives.</summary>
internal static class ExternalName
{
    public static string Of(ExternalPerson person)
    {
        var name = new StringBuilder();
        foreach (var c in person.Name.Trim())
        {
            // Accents that are characters of their own go, the letters stay.
            if (CharUnicodeInfo.GetUnicodeCategory(c) == UnicodeCategory.NonSpacingMark)
            {
                continue;
            }

            name.Append(char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-' or '@' ? c : char.IsWhiteSpace(c) ? '.' : '-');
            if (name.Length == AccountName.MaximumLength)
            {
                break;
            }
        }

        // Nothing to read is left of names in other scripts: the identity itself names them.
        return name.ToString().Any(char.IsAsciiLetterOrDigit)
            ? name.ToString()
            : "user-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{person.Issuer}\n{person.Subject}")))[..12];
    }
}
