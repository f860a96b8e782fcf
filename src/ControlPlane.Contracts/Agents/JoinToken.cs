using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace ControlPlane.Contracts.Agents;

/// <summary>
/// The text form of a join token: <c>cpj_&lt;id&gt;_&lt;secret&gt;_&lt;digest&gt;</c>. The digest (SHA-256 over the subject public key info of a
/// certificate in the server's chain, hex) comes with the token, so an agent checks the server before the secret leaves the host.
/// </summary>
/// <param name="Id">Public id, 12 hex digits.</param>
/// <param name="Secret">Secret, 40 hex digits (20 random bytes).</param>
/// <param name="KeyDigest">64 hex digits, lower case.</param>
public sealed record JoinToken(string Id, string Secret, string KeyDigest)
{
    /// <summary>In the digest's place: any chain that the host trusts, for the server's host name.</summary>
    public const string PublicTrust = "0000000000000000000000000000000000000000000000000000000000000000";

    /// <summary>Makes a new token.</summary>
    /// <param name="keyDigest">Digest of the server's CA key.</param>
    /// <returns>A token with a random id and secret.</returns>
    public static JoinToken Create(string keyDigest) =>
        new(RandomNumberGenerator.GetHexString(12, lowercase: true), RandomNumberGenerator.GetHexString(40, lowercase: true), keyDigest);

    /// <summary>Reads a token.</summary>
    /// <param name="text">The text form.</param>
    /// <param name="token">The token.</param>
    /// <returns>False when the text is not a join token.</returns>
    public static bool TryParse(string? text, [NotNullWhen(true)] out JoinToken? token)
    {
        token = null;
        if (text?.Trim().Split('_') is not ["cpj", { Length: 12 } id, { Length: 40 } secret, { Length: 64 } digest]
            || !IsHex(id) || !IsHex(secret) || !IsHex(digest))
        {
            return false;
        }

        token = new JoinToken(id, secret, digest);
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => $"cpj_{Id}_{Secret}_{KeyDigest}";

    private static bool IsHex(string text) => text.All(char.IsAsciiHexDigitLower);
}
