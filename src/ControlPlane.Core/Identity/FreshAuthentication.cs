using ControlPlane.Core.Access;
using ControlPlane.Core.Audit;
using ControlPlane.Core.Data;
using ControlPlane.Core.Results;
using Microsoft.EntityFrameworkCore;

namespace ControlPlane.Core.Identity;

/// <summary>
/// What is delicate (new credentials, the second factor) asks a browser for a sign-in of the last minutes or for the password again:
/// whoever finds an unlocked screen does not take the account with them.
/// </summary>
public sealed class FreshAuthentication(
    IDbContextFactory<ControlPlaneDb> databases, PasswordChecks passwords, LoginThrottle throttle, AuditTrail audit, TimeProvider clock)
{
    public static readonly TimeSpan Fresh = TimeSpan.FromMinutes(15);

    /// <summary>Null when the caller may go on. Tokens have no password to type: what they may is decided elsewhere.</summary>
    public async Task<Error?> RequireAsync(Caller caller, string? currentPassword, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        if (caller.Kind != CallerKind.Session)
        {
            return null;
        }

        if (!string.IsNullOrEmpty(currentPassword))
        {
            return await CheckPasswordAsync(caller, currentPassword, cancellationToken);
        }

        return await IsFreshAsync(caller, cancellationToken)
            ? null
            : new ForbiddenError("auth.fresh_required", "It is a while since you signed in: send currentPassword, or sign in again.");
    }

    public async Task<bool> IsFreshAsync(Caller caller, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var at = await db.Sessions.AsNoTracking().Where(session => session.Id == caller.CredentialId)
            .Select(session => (DateTime?)session.AuthenticatedAt).SingleOrDefaultAsync(cancellationToken);
        return at is { } shown && clock.GetUtcNow().UtcDateTime - shown < Fresh;
    }

    /// <summary>Null when it is the caller's password. Guessing with a stolen session is slowed like any other.</summary>
    internal async Task<Error?> CheckPasswordAsync(Caller caller, string? password, CancellationToken cancellationToken)
    {
        var key = "password:" + caller.Id;
        var wait = throttle.Enter(key);
        if (wait > 0)
        {
            return new ThrottledError("auth.throttled", $"Too many attempts. Try again in {wait} seconds.", wait);
        }

        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var hash = await db.Users.AsNoTracking().Where(user => user.Id == caller.Id).Select(user => user.PasswordHash).SingleOrDefaultAsync(cancellationToken);
        if (await passwords.VerifyAsync(password, hash, cancellationToken))
        {
            throttle.Succeeded(key);
            return null;
        }

        await audit.RecordAsync(caller, "auth.password", new AuditObject("user", caller.Id, caller.Name), AuditTrail.Refused, null, cancellationToken);
        return new InvalidError("currentPassword", hash is null ? "this account has no password here: sign in again instead" : "is wrong");
    }
}
