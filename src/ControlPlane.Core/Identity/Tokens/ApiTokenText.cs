using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace ControlPlane.Core.Identity;

/// <summary>
/// The text form of an API token: <c>cpt_&lt;id&gt;_&lt;secret&gt;&lt;crc&gt;</c>. Secret scanners find the prefix; the checksum tells a typo from a revoked token without the database.
/// </summary>
internal sealed record ApiTokenText(string Id, string Secret)
{
    public static ApiTokenText Create() => new(CredentialSecret.NewId(), CredentialSecret.New());

    public static bool TryParse(string? text, [NotNullWhen(true)] out ApiTokenText? token)
    {
        token = null;
        if (text?.Split('_') is not ["cpt", var id, { Length: CredentialSecret.Length + 8 } rest]
            || !CredentialSecret.IsHex(id, CredentialSecret.IdLength) || !CredentialSecret.IsHex(rest, CredentialSecret.Length + 8))
        {
            return false;
        }

        var candidate = new ApiTokenText(id, rest[..CredentialSecret.Length]);
        if (candidate.ToString() != text)
        {
            return false;
        }

        token = candidate;
        return true;
    }

    public override string ToString()
    {
        var body = $"cpt_{Id}_{Secret}";
        return body + Crc32(Encoding.ASCII.GetBytes(body)).ToString("x8", CultureInfo.InvariantCulture);
    }

    private static uint Crc32(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var b in bytes)
        {
            crc ^= b;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) != 0 ? (crc >> 1) ^ 0xEDB88320u : crc >> 1;
            }
        }

        return ~crc;
    }
}
