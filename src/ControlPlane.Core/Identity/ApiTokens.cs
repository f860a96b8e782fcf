using ControlPlane.Contracts.Rest;
using ControlPlane.Core.Access;
using ControlPlane.Core.Audit;
using ControlPlane.Core.Data;
using ControlPlane.Core.Results;
using Microsoft.EntityFrameworkCore;

namespace ControlPlane.Core.Identity;

/// <summary>A token as its owner sees it; the secret is shown once, by <see cref="CreatedApiToken"/>.</summary>
public sealed record ApiTokenView(string Id, string Name, DateTime CreatedAt, DateTime? ExpiresAt, DateTime? LastUsedAt);

/// <summary>The only time the secret leaves the server.</summary>
public sealed record CreatedApiToken(string Id, string Name, DateTime CreatedAt, DateTime? ExpiresAt, string Token)
{
    public override string ToString() => $"CreatedApiToken {Id}";
}

/// <summary>API tokens for automation: everybody manages their own.</summary>
public sealed class ApiTokens(
    IDbContextFactory<ControlPlaneDb> databases, AuditTrail audit, CallerCache cache, CredentialUse use, TimeProvider clock)
{
    public const int DefaultDays = 90;
    public const int MaximumDays = 3650;
    private const int MaximumNameLength = 100;
    private const int MaximumPerUser = 200;

    public async Task<Result<IReadOnlyList<ApiTokenView>>> ListAsync(Caller caller, CancellationToken cancellationToken)
    {
        if (AccessGate.RequireSignedIn(caller) is { } refused)
        {
            return refused;
        }

        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.ApiTokens.AsNoTracking()
            .Where(token => token.UserId == caller.Id && token.RevokedAt == null)
            .OrderByDescending(token => token.CreatedAt).ThenBy(token => token.Id)
            .Select(token => new ApiTokenView(token.Id, token.Name, token.CreatedAt, token.ExpiresAt, token.LastUsedAt))
            .ToListAsync(cancellationToken);
    }

    public async Task<Result<CreatedApiToken>> CreateAsync(Caller caller, string? name, int? expiresInDays, CancellationToken cancellationToken)
    {
        var target = new AuditObject("api_token", "", name);
        if (AccessGate.RequireSignedIn(caller) is { } refused)
        {
            return refused;
        }

        var problems = new List<FieldError>();
        if (string.IsNullOrWhiteSpace(name) || name.Length > MaximumNameLength || name.Any(char.IsControl))
        {
            problems.Add(new FieldError("name", $"must have 1 to {MaximumNameLength} characters and no control characters"));
        }

        if (expiresInDays is < 1 or > MaximumDays)
        {
            problems.Add(new FieldError("expiresInDays", $"must be 1 to {MaximumDays}"));
        }

        if (problems.Count > 0)
        {
            return new InvalidError(problems);
        }

        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        if (await db.ApiTokens.CountAsync(token => token.UserId == caller.Id && token.RevokedAt == null, cancellationToken) >= MaximumPerUser)
        {
            return new ConflictError("token.too_many", $"You have {MaximumPerUser} tokens: revoke one first.");
        }

        var created = Add(db, caller.Id, name!, expiresInDays ?? DefaultDays);
        audit.Add(db, caller, "tokens.create", target with { Id = created.Id });
        await db.SaveChangesAsync(cancellationToken);
        return created;
    }

    public async Task<Result<Done>> RevokeAsync(Caller caller, string id, CancellationToken cancellationToken)
    {
        var target = new AuditObject("api_token", id);
        if (AccessGate.RequireSignedIn(caller) is { } refused)
        {
            return refused;
        }

        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var token = await db.ApiTokens.SingleOrDefaultAsync(t => t.Id == id && t.UserId == caller.Id && t.RevokedAt == null, cancellationToken);
        if (token is null)
        {
            return new NotFoundError("token.not_found", "You have no token with this id.");
        }

        token.RevokedAt = clock.GetUtcNow().UtcDateTime;
        audit.Add(db, caller, "tokens.revoke", target with { Name = token.Name });
        await db.SaveChangesAsync(cancellationToken);
        cache.RemoveCredential(id);
        return Done.Value;
    }

    /// <summary>Who the token belongs to; null when it is no token (any more). Address and request id are the caller's to fill in.</summary>
    public async ValueTask<Caller?> FindAsync(string text, CancellationToken cancellationToken)
    {
        if (!ApiTokenText.TryParse(text, out var token))
        {
            return null;
        }

        var key = "token:" + token.Id + CredentialSecret.Hash(token.Secret);
        if (cache.Find(key) is { } known)
        {
            use.Seen(CallerKind.Token, token.Id, null);
            return known;
        }

        return await cache.AskAsync(key, cancellation => ReadAsync(key, token, cancellation), cancellationToken);
    }

    private async Task<Caller?> ReadAsync(string key, ApiTokenText token, CancellationToken cancellationToken)
    {
        var generation = cache.Generation;
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var row = await db.ApiTokens.AsNoTracking().Where(t => t.Id == token.Id && t.RevokedAt == null)
            .Join(db.Users, t => t.UserId, user => user.Id, (t, user) => new { Token = t, User = user })
            .SingleOrDefaultAsync(cancellationToken);
        if (row is null || !CredentialSecret.Matches(token.Secret, row.Token.SecretHash)
            || row.User.DisabledAt is not null || row.Token.ExpiresAt <= clock.GetUtcNow().UtcDateTime)
        {
            return null;
        }

        var caller = new Caller
        {
            Kind = CallerKind.Token,
            Id = row.User.Id,
            Name = row.User.Name,
            IsAdministrator = row.User.IsAdministrator,
            CredentialId = token.Id,
            RequestId = "",
        };
        cache.Put(key, caller, row.Token.ExpiresAt ?? DateTimeOffset.MaxValue, generation);
        use.Seen(CallerKind.Token, token.Id, null);
        return caller;
    }

    /// <summary>Adds a token to the caller's unit of work.</summary>
    internal CreatedApiToken Add(ControlPlaneDb db, string userId, string name, int days)
    {
        var text = ApiTokenText.Create();
        var now = clock.GetUtcNow().UtcDateTime;
        db.ApiTokens.Add(new ApiTokenEntity
        {
            Id = text.Id,
            SecretHash = CredentialSecret.Hash(text.Secret),
            UserId = userId,
            Name = name,
            CreatedAt = now,
            ExpiresAt = now.AddDays(days),
        });
        return new CreatedApiToken(text.Id, name, now, now.AddDays(days), text.ToString());
    }
}
