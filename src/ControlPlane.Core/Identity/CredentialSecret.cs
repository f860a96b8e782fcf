using System.Security.Cryptography;
using System.Text;

namespace ControlPlane.Core.Identity;

/// <summary>Random secrets of 256 bits; at that length a plain hash is enough at rest.</summary>
internal static class CredentialSecret
{
    public const int IdLength = 12;
    public const int Length = 64;

    public static string NewId() => RandomNumberGenerator.GetHexString(IdLength, lowercase: true);

    public static string New() => RandomNumberGenerator.GetHexString(Length, lowercase: true);

    public static string Hash(string secret) => Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(secret)));

    public static bool Matches(string secret, string hash) =>
        CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(Hash(secret)), Encoding.ASCII.GetBytes(hash));

    public static bool IsHex(ReadOnlySpan<char> text, int length)
    {
        if (text.Length != length)
        {
            return false;
        }

        foreach (var c in text)
        {
            if (!char.IsAsciiHexDigitLower(c))
            {
                return false;
            }
        }

        return true;
    }
}
