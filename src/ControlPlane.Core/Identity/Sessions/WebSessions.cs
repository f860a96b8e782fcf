using ControlPlane.Core.Access;
using ControlPlane.Core.Data;
using Microsoft.EntityFrameworkCore;

namespace ControlPlane.Core.Identity;

/// <summary>Signed-in browsers: the cookie holds <c>id.secret</c>, the row the secret's hash.</summary>
public sealed class WebSessions(
    IDbContextFactory<ControlPlaneDb> databases, CallerCache cache, CredentialUse use, SignInRules rules, TimeProvider clock)
{
    /// <summary>Adds a session to the caller's unit of work.</summary>
    internal SessionTicket Add(ControlPlaneDb db, UserEntity user, OpenSession how, string? pending)
    {
        var id = CredentialSecret.NewId();
        var secret = CredentialSecret.New();
        var now = clock.GetUtcNow();
        var expires = now + rules.Current.Absolute;
        db.Sessions.Add(new SessionEntity
        {
            Id = id,
            SecretHash = CredentialSecret.Hash(secret),
            UserId = user.Id,
            CreatedAt = now.UtcDateTime,
            LastSeenAt = now.UtcDateTime,
            AuthenticatedAt = now.UtcDateTime,
            ExpiresAt = expires.UtcDateTime,
            RemoteAddress = how.RemoteAddress,
            UserAgent = how.UserAgent is { Length: > 200 } ? how.UserAgent[..200] : how.UserAgent,
            Method = how.Method,
            Pending = pending,
            ProviderSession = how.ProviderSession,
        });
        return new SessionTicket($"{id}.{secret}", expires, new SignedInUser(user.Id, user.Name, user.IsAdministrator)) { Pending = pending };
    }

    /// <summary>Who the cookie belongs to; null when it is no session (any more). Address and request id are the caller's to fill in.</summary>
    public async ValueTask<Caller?> FindAsync(string cookie, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(cookie);
        if (cookie.Split('.') is not [var id, var secret]
            || !CredentialSecret.IsHex(id, CredentialSecret.IdLength) || !CredentialSecret.IsHex(secret, CredentialSecret.Length))
        {
            return null;
        }

        var key = "session:" + id + CredentialSecret.Hash(secret);
        if (cache.Find(key) is { } known)
        {
            use.Seen(CallerKind.Session, id, null);
            return known;
        }

        return await cache.AskAsync(key, cancellation => ReadAsync(key, id, secret, cancellation), cancellationToken);
    }

    private async Task<Caller?> ReadAsync(string key, string id, string secret, CancellationToken cancellationToken)
    {
        var generation = cache.Generation;
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var row = await db.Sessions.AsNoTracking().Where(session => session.Id == id)
            .Join(db.Users, session => session.UserId, user => user.Id, (session, user) => new { Session = session, User = user })
            .SingleOrDefaultAsync(cancellationToken);
        var now = clock.GetUtcNow().UtcDateTime;
        if (row is null || !CredentialSecret.Matches(secret, row.Session.SecretHash)
            || row.User.DisabledAt is not null || row.Session.ExpiresAt <= now || row.Session.LastSeenAt + rules.Current.Idle <= now)
        {
            return null;
        }

        var caller = new Caller
        {
            Kind = CallerKind.Session,
            Id = row.User.Id,
            Name = row.User.Name,
            IsAdministrator = row.User.IsAdministrator,
            DefaultCollection = row.User.DefaultCollection,
            CredentialId = id,
            Pending = row.Session.Pending,
            RequestId = "",
        };
        cache.Put(key, caller, row.Session.ExpiresAt, generation);
        use.Seen(CallerKind.Session, id, null);
        return caller;
    }

    public async Task EndAsync(string id, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await db.Sessions.Where(session => session.Id == id).ExecuteDeleteAsync(cancellationToken);
        cache.RemoveCredential(id);
    }

    /// <summary>
    /// Ends all sessions of a user but one in the caller's unit of work; gives their ids, which the caller takes out of the cache once that is saved.
    /// </summary>
    internal static async Task<IReadOnlyList<string>> RemoveAllAsync(ControlPlaneDb db, string userId, string? except, CancellationToken cancellationToken)
    {
        var rows = await db.Sessions.Where(session => session.UserId == userId && session.Id != except).ToListAsync(cancellationToken);
        db.Sessions.RemoveRange(rows);
        return rows.ConvertAll(row => row.Id);
    }
}
