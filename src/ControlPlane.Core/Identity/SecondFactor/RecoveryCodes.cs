using System.Security.Cryptography;
using System.Text;
using ControlPlane.Core.Data;
using Microsoft.EntityFrameworkCore;

namespace ControlPlane.Core.Identity;

/// <summary>Ten codes of 80 bits that each replace the second factor once. Only their hashes are kept.</summary>
internal static class RecoveryCodes
{
    public const int Count = 10;
    private const int Size = 10;
    private const int Length = 16;

    /// <summary>New ones in place of all that there are, in the caller's unit of work.</summary>
    public static async Task<IReadOnlyList<string>> ReplaceAsync(ControlPlaneDb db, string userId, CancellationToken cancellationToken)
    {
        db.RecoveryCodes.RemoveRange(await db.RecoveryCodes.Where(code => code.UserId == userId).ToListAsync(cancellationToken));
        var codes = new List<string>(Count);
        for (var number = 0; number < Count; number++)
        {
            var text = Base32.Encode(RandomNumberGenerator.GetBytes(Size)).ToLowerInvariant();
            db.RecoveryCodes.Add(new RecoveryCodeEntity { Id = CredentialSecret.NewId(), UserId = userId, Hash = Hash(userId, text) });
            codes.Add(string.Join('-', text.Chunk(4).Select(part => new string(part))));
        }

        return codes;
    }

    /// <summary>True once for each code.</summary>
    public static async Task<bool> UseAsync(ControlPlaneDb db, string userId, string typed, DateTime now, CancellationToken cancellationToken)
    {
        var text = typed.Replace("-", "", StringComparison.Ordinal).ToLowerInvariant();
        if (text.Length != Length)
        {
            return false;
        }

        var hash = Hash(userId, text);
        return await db.RecoveryCodes.Where(code => code.UserId == userId && code.Hash == hash && code.UsedAt == null)
            .ExecuteUpdateAsync(code => code.SetProperty(c => c.UsedAt, now), cancellationToken) == 1;
    }

    // At 80 random bits a plain hash is enough; the user's id keeps equal codes apart.
    private static string Hash(string userId, string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(userId + ":" + text)));
}
