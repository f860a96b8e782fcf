using System.Security.Cryptography;
using System.Text;
using ControlPlane.Core.Data;
using Microsoft.EntityFrameworkCore;

namespace ControlPlane.Core.OpenId;

/// <summary>
/// Tokens that count once. They are kept in the database, so that a restart forgets none, as long as idempotency keys are (24 h);
/// tokens that live longer are not taken.
/// </summary>
public sealed class UsedTokens(IDbContextFactory<ControlPlaneDb> databases, TimeProvider clock)
{
    public static readonly TimeSpan LongestLife = TimeSpan.FromHours(23);

    private const string Principal = "openid-token";

    /// <summary>False when it was used before.</summary>
    public async Task<bool> TryUseAsync(string purpose, string issuer, string tokenId, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var key = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{purpose}\n{issuer}\n{tokenId}")));
        if (await db.IdempotencyKeys.AnyAsync(k => k.Principal == Principal && k.Key == key, cancellationToken))
        {
            return false;
        }

        db.IdempotencyKeys.Add(new IdempotencyEntity { Principal = Principal, Key = key, RequestHash = "", CreatedAt = clock.GetUtcNow().UtcDateTime });
        try
        {
            await db.SaveChangesAsync(cancellationToken);
            return true;
        }
        catch (DbUpdateException)
        {
            // Two at the same moment: one of them was first. Anything else that failed may not let it through either.
            return false;
        }
    }
}
