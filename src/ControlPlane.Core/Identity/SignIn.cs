using ControlPlane.Core.Access;
using ControlPlane.Core.Audit;
using ControlPlane.Core.Data;
using ControlPlane.Core.Results;
using Microsoft.EntityFrameworkCore;

namespace ControlPlane.Core.Identity;

/// <summary>
/// Password in, session out. A name that is a local account's is asked here and nowhere else; other names are the directory's.
/// The answer to a wrong name, a wrong password and a disabled account is the same, and takes as long.
/// </summary>
public sealed class SignIn(
    IDbContextFactory<ControlPlaneDb> databases, WebSessions sessions, SessionOpening opening, PasswordChecks passwords,
    DirectorySignIn directory, LoginThrottle throttle, AuditTrail audit)
{
    public async Task<Result<SessionTicket>> PasswordAsync(
        string? name, string? password, string? remoteAddress, string? userAgent, string requestId, CancellationToken cancellationToken)
    {
        var folded = AccountName.Fold(name);
        var wait = throttle.Enter(folded, remoteAddress);
        if (wait > 0)
        {
            return new ThrottledError("auth.throttled", $"Too many attempts. Try again in {wait} seconds.", wait);
        }

        var user = await FindAsync(folded, cancellationToken);
        var isDirectory = directory.IsEnabled && (user is null || user.Source == AccountSource.Directory);
        var found = isDirectory
            ? await directory.CheckAsync(name!.Trim(), password, cancellationToken)
            : await CheckLocalAsync(user, password, cancellationToken);
        if (!found.IsSuccess)
        {
            // A name that is no account may be a password typed into the wrong field: it is not kept.
            var target = user is null ? new AuditObject("user", "") : new AuditObject("user", user.Id, user.Name);
            await audit.RecordAsync(
                Caller.Anonymous(requestId, remoteAddress), "auth.login", target, AuditTrail.Refused, DetailOf(found.Error), cancellationToken);
            return found.Error;
        }

        var how = new OpenSession(isDirectory ? OpenSession.Directory : OpenSession.Password, remoteAddress, userAgent, requestId, null);
        var ticket = await OpenAsync(found.Value, how, cancellationToken);
        if (!isDirectory && ticket.Error is ForbiddenError)
        {
            // Disabled in between: the same answer as a moment later.
            return Wrong();
        }

        if (ticket.IsSuccess)
        {
            throttle.Succeeded(folded, remoteAddress);
        }

        return ticket;
    }

    /// <summary>Opens a session for somebody who was recognised, by whatever means. A second factor or a new password may still be asked for.</summary>
    public async Task<Result<SessionTicket>> OpenAsync(string userId, OpenSession how, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(how);
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var user = await db.Users.SingleOrDefaultAsync(u => u.Id == userId, cancellationToken);
        if (user is null or { Kind: UserKind.Service })
        {
            return Wrong();
        }

        if (user.DisabledAt is not null)
        {
            var caller = Caller.Anonymous(how.RequestId, how.RemoteAddress);
            await audit.RecordAsync(caller, "auth.login", new AuditObject("user", user.Id, user.Name), AuditTrail.Refused, "disabled", cancellationToken);
            return new ForbiddenError("account.disabled", "This account is disabled.");
        }

        return await opening.OpenAsync(db, user, how, new OpeningStep("auth.login"), cancellationToken);
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

    private async Task<UserEntity?> FindAsync(string folded, CancellationToken cancellationToken)
    {
        if (!AccountName.IsValid(folded))
        {
            return null;
        }

        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.Users.AsNoTracking().SingleOrDefaultAsync(user => user.FoldedName == folded, cancellationToken);
    }

    private async Task<Result<string>> CheckLocalAsync(UserEntity? user, string? password, CancellationToken cancellationToken)
    {
        if (!await passwords.VerifyAsync(password, user?.PasswordHash, cancellationToken) || user is not { DisabledAt: null, Kind: UserKind.Person })
        {
            return Wrong();
        }

        if (PasswordHash.IsOld(user.PasswordHash!))
        {
            // By statement and only over the same hash: a password that changed meanwhile stays.
            var renewed = await passwords.CreateAsync(password!, cancellationToken);
            await using var db = await databases.CreateDbContextAsync(cancellationToken);
            await db.Users.Where(u => u.Id == user.Id && u.PasswordHash == user.PasswordHash)
                .ExecuteUpdateAsync(u => u.SetProperty(x => x.PasswordHash, renewed), cancellationToken);
        }

        return user.Id;
    }

    private static string? DetailOf(Error error) => error is UnauthenticatedError ? null : error.Code;

    private static UnauthenticatedError Wrong() => new("auth.invalid", "The name or the password is wrong.");
}
