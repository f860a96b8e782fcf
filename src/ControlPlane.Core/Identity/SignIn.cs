using ControlPlane.Core.Access;
using ControlPlane.Core.Audit;
using ControlPlane.Core.Data;
using ControlPlane.Core.Results;
using Microsoft.EntityFrameworkCore;

namespace ControlPlane.Core.Identity;

/// <summary>Password in, session out. The answer to a wrong name and to a wrong password is the same, and takes as long.</summary>
public sealed class SignIn(
    IDbContextFactory<ControlPlaneDb> databases, WebSessions sessions, LoginThrottle throttle, AuditTrail audit) : IDisposable
{
    // Each derivation costs about a tenth of a second of one core: guessing must not take the server's.
    private readonly SemaphoreSlim _derivations = new(Math.Max(1, Environment.ProcessorCount / 2));

    public async Task<Result<SessionTicket>> PasswordAsync(
        string? name, string? password, string? remoteAddress, string? userAgent, string requestId, CancellationToken cancellationToken)
    {
        var folded = AccountName.Fold(name ?? "");
        var wait = throttle.Enter(folded, remoteAddress);
        if (wait > 0)
        {
            return new ThrottledError("auth.throttled", $"Too many attempts. Try again in {wait} seconds.", wait);
        }

        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var user = AccountName.IsValid(folded) ? await db.Users.SingleOrDefaultAsync(u => u.FoldedName == folded, cancellationToken) : null;
        var plausible = PasswordHash.Problem(password) is null;
        var matches = await VerifyAsync(plausible ? password! : "-", user?.PasswordHash ?? PasswordHash.Dummy, cancellationToken);
        var caller = Caller.Anonymous(requestId, remoteAddress);
        if (user is null || !plausible || !matches || user.DisabledAt is not null)
        {
            // A name that is no account may be a password typed into the wrong field: it is not kept.
            var target = user is null ? new AuditObject("user", "") : new AuditObject("user", user.Id, user.Name);
            await audit.RecordAsync(caller, "auth.login", target, AuditTrail.Refused, null, cancellationToken);
            return new UnauthenticatedError("auth.invalid", "The name or the password is wrong.");
        }

        var ticket = sessions.Add(db, user, remoteAddress, userAgent);
        audit.Add(db, caller with { Kind = CallerKind.Session, Id = user.Id, Name = user.Name }, "auth.login", new AuditObject("user", user.Id, user.Name));
        await db.SaveChangesAsync(cancellationToken);
        throttle.Succeeded(folded, remoteAddress);
        return ticket;
    }

    /// <summary>Ends the session that the caller came by.</summary>
    public async Task SignOutAsync(Caller caller, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        if (caller is { Kind: CallerKind.Session, CredentialId: { } session })
        {
            await sessions.EndAsync(session, cancellationToken);
            await audit.RecordAsync(caller, "auth.logout", new AuditObject("user", caller.Id, caller.Name), AuditTrail.Ok, null, cancellationToken);
        }
    }

    public void Dispose() => _derivations.Dispose();

    private async Task<bool> VerifyAsync(string password, string hash, CancellationToken cancellationToken)
    {
        await _derivations.WaitAsync(cancellationToken);
        try
        {
            return await Task.Run(() => PasswordHash.Verify(password, hash), cancellationToken);
        }
        finally
        {
            _derivations.Release();
        }
    }
}
