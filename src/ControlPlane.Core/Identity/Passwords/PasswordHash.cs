using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace ControlPlane.Core.Identity;

/// <summary>PBKDF2-HMAC-SHA512, as text: <c>pbkdf2-sha512$iterations$salt$hash</c>.</summary>
public static class PasswordHash
{
    // In UTF-16 units: twice the longest password that the rules take, and what older versions took.
    private const int LongestInput = 256;

    // OWASP's figure for PBKDF2-HMAC-SHA512.
    private const int Iterations = 210_000;
    private const int SaltSize = 16;
    private const int HashSize = 64;
    private const string Scheme = "pbkdf2-sha512";

    /// <summary>Of no password: verifying against it takes as long as against a real one.</summary>
    public static readonly string Dummy = Format(Iterations, new byte[SaltSize], new byte[HashSize]);

    /// <summary>May this be anybody's password? What is empty, blank, endless or holds a NUL is never asked about.</summary>
    public static bool IsPlausible(string? password, int minimumLength = PasswordRules.MinimumLength) =>
        password is not null && password.Length >= minimumLength && password.Length <= LongestInput
        && !password.Contains('\0', StringComparison.Ordinal) && !string.IsNullOrWhiteSpace(password);

    /// <summary>Was it derived with fewer rounds than today's?</summary>
    public static bool IsOld(string hash) =>
        hash.Split('$') is not [Scheme, var count, _, _] || !int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out var rounds) || rounds < Iterations;

    public static string Create(string password)
    {
        var salt = RandomNumberGenerator.GetBytes(SaltSize);
        return Format(Iterations, salt, Derive(password, salt, Iterations));
    }

    public static bool Verify(string password, string hash)
    {
        ArgumentNullException.ThrowIfNull(hash);
        if (hash.Split('$') is not [Scheme, var count, var salt, var expected]
            || !int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out var iterations))
        {
            return false;
        }

        var derived = Derive(password, Convert.FromBase64String(salt), iterations);
        return CryptographicOperations.FixedTimeEquals(derived, Convert.FromBase64String(expected));
    }

    private static byte[] Derive(string password, byte[] salt, int iterations) =>
        Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(password), salt, iterations, HashAlgorithmName.SHA512, HashSize);

    private static string Format(int iterations, byte[] salt, byte[] hash) =>
        string.Create(CultureInfo.InvariantCulture, $"{Scheme}${iterations}${Convert.ToBase64String(salt)}${Convert.ToBase64String(hash)}");
}
