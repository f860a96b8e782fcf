using ControlPlane.Core.Access;
using ControlPlane.Core.Audit;
using ControlPlane.Core.Data;
using ControlPlane.Core.Results;
using Microsoft.EntityFrameworkCore;

namespace ControlPlane.Core.Identity;

/// <summary>API tokens for automation: who a token belongs to, and everybody's own.</summary>
public sealed class ApiTokens(
    IDbContextFactory<ControlPlaneDb> databases, AuditTrail audit, AccessStore access, Authorizer authorizer, CallerCache cache, CredentialUse use, TokenNetworks networks,
    FreshAuthentication fresh, TimeProvider clock)
{
    public const string Ordinary = "token";
    public const string Exchanged = "exchange";
    public const int MaximumPerUser = 200;

    // Of exchanged ones: a runner makes one per job.
    private const int MaximumExchanged = 1000;
    private static readonly TimeSpan LongestExchange = TimeSpan.FromHours(1);

    public async Task<Result<IReadOnlyList<ApiTokenView>>> ListAsync(Caller caller, CancellationToken cancellationToken)
    {
        if (AccessGate.RequireSignedIn(caller) is { } refused)
        {
            return refused;
        }

        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await ListOfAsync(db, caller.Id, cancellationToken);
    }

    public async Task<Result<CreatedApiToken>> CreateAsync(Caller caller, NewApiToken wanted, string? currentPassword, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(wanted);
        if (AccessGate.RequireSignedIn(caller) is { } refused)
        {
            return refused;
        }

        return await fresh.RequireAsync(caller, currentPassword, cancellationToken) is { } stale
            ? stale
            : await CreateForAsync(caller, caller.Id, null, wanted, cancellationToken);
    }

    public async Task<Result<Done>> RevokeAsync(Caller caller, string id, CancellationToken cancellationToken) =>
        AccessGate.RequireSignedIn(caller) is { } refused ? refused : await RevokeForAsync(caller, caller.Id, id, cancellationToken);

    /// <summary>Who the token belongs to; null when it is no token (any more), or none here. Address and request id are the caller's to fill in.</summary>
    public async ValueTask<Caller?> FindAsync(string text, string? remoteAddress, CancellationToken cancellationToken)
    {
        if (!ApiTokenText.TryParse(text, out var token))
        {
            return null;
        }

        var key = "token:" + token.Id + CredentialSecret.Hash(token.Secret);
        var caller = cache.Find(key) ?? await cache.AskAsync(key, cancellation => ReadAsync(key, token, cancellation), cancellationToken);
        if (caller is null || !await networks.AllowsAsync(caller, remoteAddress, cancellationToken))
        {
            return null;
        }

        use.Seen(CallerKind.Token, token.Id, remoteAddress);
        return caller;
    }

    /// <summary>
    /// A short-lived token that stands for a trusted provider's: at most an hour, and within its owner's rights like any other. For the
    /// exchange itself; whoever calls this has judged the provider's token.
    /// </summary>
    public async Task<Result<CreatedApiToken>> IssueExchangedAsync(
        string userId, IReadOnlyList<string>? permissions, string? collection, TimeSpan lifetime, string description, CancellationToken cancellationToken)
    {
        var wanted = new NewApiToken { Name = description, Permissions = permissions, Collection = collection };
        var problems = wanted.Problems(access.Current.Collections.ContainsKey);
        if (lifetime <= TimeSpan.Zero || lifetime > LongestExchange)
        {
            problems.Add(new("lifetime", "must be more than nothing and at most an hour"));
        }

        if (problems.Count > 0)
        {
            return new InvalidError(problems);
        }

        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var user = await db.Users.AsNoTracking().SingleOrDefaultAsync(u => u.Id == userId, cancellationToken);
        if (user is not { DisabledAt: null })
        {
            return new ForbiddenError("account.disabled", "The account that the token would stand for is disabled or gone.");
        }

        var now = clock.GetUtcNow().UtcDateTime;
        await db.ApiTokens.Where(t => t.UserId == userId && t.Kind == Exchanged && t.ExpiresAt <= now).ExecuteDeleteAsync(cancellationToken);
        if (await db.ApiTokens.CountAsync(t => t.UserId == userId && t.Kind == Exchanged, cancellationToken) >= MaximumExchanged)
        {
            return new ConflictError("token.too_many", $"{user.Name} has {MaximumExchanged} exchanged tokens that are still good: wait until some expire.");
        }

        var created = Add(db, userId, wanted, lifetime, Exchanged);
        audit.Add(
            db, Caller.System("exchange"), "tokens.exchange", new AuditObject("api_token", created.Id, created.Name), AuditTrail.Ok, $"for {user.Name}");
        await db.SaveChangesAsync(cancellationToken);
        return created;
    }

    /// <summary>Adds a token to the caller's unit of work.</summary>
    internal CreatedApiToken Add(ControlPlaneDb db, string userId, string name, int days) =>
        Add(db, userId, new NewApiToken { Name = name }, TimeSpan.FromDays(days), Ordinary);

    internal static Task<List<ApiTokenView>> ListOfAsync(ControlPlaneDb db, string userId, CancellationToken cancellationToken) =>
        db.ApiTokens.AsNoTracking().Where(token => token.UserId == userId && token.RevokedAt == null && token.Kind == Ordinary)
            .OrderByDescending(token => token.CreatedAt).ThenBy(token => token.Id).Select(ApiTokenView.FromRow).ToListAsync(cancellationToken);

    internal async Task<Result<CreatedApiToken>> CreateForAsync(
        Caller caller, string userId, string? userName, NewApiToken wanted, CancellationToken cancellationToken)
    {
        if (wanted.Problems(path => Knows(caller, path)) is { Count: > 0 } problems)
        {
            return new InvalidError(problems);
        }

        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        if (await db.ApiTokens.CountAsync(t => t.UserId == userId && t.RevokedAt == null && t.Kind == Ordinary, cancellationToken) >= MaximumPerUser)
        {
            return new ConflictError("token.too_many", $"There are {MaximumPerUser} tokens already: revoke one first.");
        }

        var created = Add(db, userId, wanted, TimeSpan.FromDays(wanted.Days), Ordinary);
        audit.Add(
            db, caller, "tokens.create", new AuditObject("api_token", created.Id, wanted.Name), AuditTrail.Ok, userName is null ? null : $"for {userName}");
        await db.SaveChangesAsync(cancellationToken);
        return created;
    }

    internal async Task<Result<Done>> RevokeForAsync(Caller caller, string userId, string id, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var token = await db.ApiTokens.SingleOrDefaultAsync(t => t.Id == id && t.UserId == userId && t.RevokedAt == null, cancellationToken);
        if (token is null)
        {
            return new NotFoundError("token.not_found", "There is no token with this id.");
        }

        token.RevokedAt = clock.GetUtcNow().UtcDateTime;
        audit.Add(db, caller, "tokens.revoke", new AuditObject("api_token", id, token.Name));
        await db.SaveChangesAsync(cancellationToken);
        cache.RemoveCredential(id);
        return Done.Value;
    }

    // A collection that the caller has nothing on does not exist for them.
    private bool Knows(Caller caller, string path) => access.Current.Collections.ContainsKey(path) && !authorizer.On(caller, path).IsEmpty;

    private CreatedApiToken Add(ControlPlaneDb db, string userId, NewApiToken wanted, TimeSpan lifetime, string kind)
    {
        var text = ApiTokenText.Create();
        var now = clock.GetUtcNow().UtcDateTime;
        db.ApiTokens.Add(new ApiTokenEntity
        {
            Id = text.Id,
            SecretHash = CredentialSecret.Hash(text.Secret),
            UserId = userId,
            Name = wanted.Name!,
            CreatedAt = now,
            ExpiresAt = now + lifetime,
            Kind = kind,
            PermissionsJson = wanted.PermissionsJson,
            Collection = wanted.Collection,
            NetworksJson = wanted.NetworksJson,
        });
        return new CreatedApiToken(text.Id, wanted.Name!, now, now + lifetime, text.ToString());
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
            DefaultCollection = row.User.DefaultCollection,
            CredentialId = token.Id,
            Scope = ScopeOf(row.Token),
            Networks = TokenNetworks.ReadJson(row.Token.NetworksJson),
            RequestId = "",
        };
        cache.Put(key, caller, row.Token.ExpiresAt ?? DateTimeOffset.MaxValue, generation);
        return caller;
    }

    // A right that this version does not know is none: the limit never widens.
    private static TokenScope? ScopeOf(ApiTokenEntity token) => token is { PermissionsJson: null, Collection: null }
        ? null
        : new TokenScope(ApiTokenView.Names(token.PermissionsJson) is { } names ? PermissionSet.Of(names) : PermissionSet.All, token.Collection);
}
