using ControlPlane.Contracts.Rest.Users;
using ControlPlane.Core.Access;
using ControlPlane.Core.Audit;
using ControlPlane.Core.Data;
using ControlPlane.Core.Results;
using Microsoft.EntityFrameworkCore;

namespace ControlPlane.Core.Identity;

/// <summary>Lists and ends sessions: everybody's own, and others' for who may change their accounts.</summary>
public sealed class UserSessions(
    IDbContextFactory<ControlPlaneDb> databases, Authorizer authorizer, AccountGate accounts, SignInRules rules, CallerCache cache, AuditTrail audit, TimeProvider clock)
{
    public async Task<Result<IReadOnlyList<SessionView>>> ListOwnAsync(Caller caller, CancellationToken cancellationToken) =>
        AccessGate.RequireSignedIn(caller) is { } refused ? refused : Result.Of(await ListAsync(caller, caller.Id, cancellationToken));

    public async Task<Result<IReadOnlyList<SessionView>>> ListOfAsync(Caller caller, string userId, CancellationToken cancellationToken)
    {
        if (authorizer.Check(caller, Permission.UsersRead, Collections.System) is { } refused)
        {
            return refused;
        }

        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.Users.AnyAsync(user => user.Id == userId, cancellationToken)
            ? Result.Of(await ListAsync(caller, userId, cancellationToken))
            : UserQueries.NotFound();
    }

    /// <param name="caller">Who asks.</param>
    /// <param name="sessionId">One of the caller's; null = all but the one that asks.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<Result<Done>> EndOwnAsync(Caller caller, string? sessionId, CancellationToken cancellationToken)
    {
        if (AccessGate.RequireSignedIn(caller) is { } refused)
        {
            return refused;
        }

        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await EndAsync(db, caller, caller.Id, caller.Name, sessionId, keep: sessionId is null ? caller.CredentialId : null, cancellationToken);
    }

    /// <param name="caller">Who asks.</param>
    /// <param name="userId">Whose.</param>
    /// <param name="sessionId">Null = all.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<Result<Done>> EndOfAsync(Caller caller, string userId, string? sessionId, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var found = await accounts.FindAsync(db, caller, Permission.UsersUpdate, userId, false, cancellationToken);
        return found.IsSuccess ? await EndAsync(db, caller, userId, found.Value.Name, sessionId, null, cancellationToken) : found.Error;
    }

    /// <summary>Ends the sessions that a provider's session stands behind, or all of a user by that provider: for its back-channel logout.</summary>
    public async Task<int> EndByProviderAsync(string method, string? providerSession, string? userId, CancellationToken cancellationToken)
    {
        if (providerSession is null && userId is null)
        {
            return 0;
        }

        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var rows = await db.Sessions
            .Where(s => s.Method == method && (providerSession == null || s.ProviderSession == providerSession) && (userId == null || s.UserId == userId))
            .ToListAsync(cancellationToken);
        db.Sessions.RemoveRange(rows);
        foreach (var of in rows.GroupBy(row => row.UserId))
        {
            audit.Add(db, Caller.System("provider"), "sessions.end", new AuditObject("user", of.Key), AuditTrail.Ok, "logged out at the provider");
        }

        await db.SaveChangesAsync(cancellationToken);
        cache.RemoveCredentials(rows.Select(row => row.Id));
        return rows.Count;
    }

    private async Task<Result<Done>> EndAsync(
        ControlPlaneDb db, Caller caller, string userId, string userName, string? sessionId, string? keep, CancellationToken cancellationToken)
    {
        var rows = await db.Sessions.Where(s => s.UserId == userId && (sessionId == null || s.Id == sessionId) && s.Id != keep).ToListAsync(cancellationToken);
        if (sessionId is not null && rows.Count == 0)
        {
            return new NotFoundError("session.not_found", "There is no such session.");
        }

        db.Sessions.RemoveRange(rows);
        audit.Add(db, caller, "sessions.end", new AuditObject("user", userId, userName), AuditTrail.Ok, rows.Count == 1 ? "1 session" : $"{rows.Count} sessions");
        await db.SaveChangesAsync(cancellationToken);
        cache.RemoveCredentials(rows.Select(row => row.Id));
        return Done.Value;
    }

    private async Task<IReadOnlyList<SessionView>> ListAsync(Caller caller, string userId, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow().UtcDateTime;
        var idleSince = now - rules.Current.Idle;
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.Sessions.AsNoTracking().Where(s => s.UserId == userId && s.ExpiresAt > now && s.LastSeenAt > idleSince)
            .OrderByDescending(s => s.LastSeenAt).ThenBy(s => s.Id)
            .Select(s => new SessionView
            {
                Id = s.Id, Method = s.Method, CreatedAt = s.CreatedAt, LastSeenAt = s.LastSeenAt, ExpiresAt = s.ExpiresAt, RemoteAddress = s.RemoteAddress,
                UserAgent = s.UserAgent, Pending = s.Pending, IsCurrent = s.Id == caller.CredentialId,
            }).ToListAsync(cancellationToken);
    }
}
