using System.Text.Json;
using ControlPlane.Core.Data;
using ControlPlane.Core.Identity;
using ControlPlane.Core.Results;
using Microsoft.EntityFrameworkCore;

namespace ControlPlane.Core.OpenId.Exchange;

/// <summary>Exchanged tokens are API tokens of the service account with a kind of their own.</summary>
public sealed class StoredExchangedTokens(IDbContextFactory<ControlPlaneDb> databases, TimeProvider clock) : IExchangedTokens
{
    public async Task<Result<ExchangedToken>> IssueAsync(
        string userId, IReadOnlyList<string>? permissions, string? collection, TimeSpan lifetime, string description, CancellationToken cancellationToken)
    {
        var text = ApiTokenText.Create();
        var now = clock.GetUtcNow().UtcDateTime;
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        db.ApiTokens.Add(new ApiTokenEntity
        {
            Id = text.Id,
            SecretHash = CredentialSecret.Hash(text.Secret),
            UserId = userId,
            Name = description,
            Kind = "exchange",
            CreatedAt = now,
            ExpiresAt = now + lifetime,
            PermissionsJson = permissions is null ? null : JsonSerializer.Serialize(permissions),
            Collection = collection,
        });
        await db.SaveChangesAsync(cancellationToken);
        return new ExchangedToken(text.Id, text.ToString(), now + lifetime);
    }
}
