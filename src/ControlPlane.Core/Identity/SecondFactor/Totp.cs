using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace ControlPlane.Core.Identity;

/// <summary>Time-based one-time passwords (RFC 6238): SHA-1, six digits, 30 seconds, as every authenticator app does.</summary>
internal static class Totp
{
    public const int Digits = 6;
    public const int PeriodSeconds = 30;
    private const int SecretSize = 20;

    // Clocks of telephones are a little off, and people type slowly.
    private const int Tolerance = 1;

    public static byte[] NewSecret() => RandomNumberGenerator.GetBytes(SecretSize);

    public static long Step(DateTimeOffset time) => time.ToUnixTimeSeconds() / PeriodSeconds;

    public static string Code(byte[] secret, long step)
    {
        Span<byte> counter = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(counter, step);
        Span<byte> hash = stackalloc byte[HMACSHA1.HashSizeInBytes];
#pragma warning disable CA5350 // RFC 6238 with SHA-1 is what the apps speak; HMAC does not suffer from its collisions.
        HMACSHA1.HashData(secret, counter, hash);
#pragma warning restore CA5350
        var offset = hash[^1] & 15;
        var number = BinaryPrimitives.ReadInt32BigEndian(hash[offset..]) & int.MaxValue;
        return (number % 1_000_000).ToString("D6", CultureInfo.InvariantCulture);
    }

    /// <summary>The step that the code belongs to, later than the last one used; null when it is wrong or was used.</summary>
    public static long? Match(byte[] secret, string code, DateTimeOffset now, long lastStep)
    {
        long? found = null;
        var typed = Encoding.UTF8.GetBytes(code);
        for (var step = Step(now) - Tolerance; step <= Step(now) + Tolerance; step++)
        {
            if (CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(Code(secret, step)), typed) && step > lastStep)
            {
                found = step;
            }
        }

        return found;
    }

    public static string Uri(byte[] secret, string issuer, string account)
    {
        var label = System.Uri.EscapeDataString(issuer) + ":" + System.Uri.EscapeDataString(account);
        return $"otpauth://totp/{label}?secret={Base32.Encode(secret)}&issuer={System.Uri.EscapeDataString(issuer)}&algorithm=SHA1&digits={Digits}&period={PeriodSeconds}";
    }
}
