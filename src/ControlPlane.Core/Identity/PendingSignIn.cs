using ControlPlane.Core.Access;
using ControlPlane.Core.Audit;
using ControlPlane.Core.Data;
using ControlPlane.Core.Results;
using Microsoft.EntityFrameworkCore;

namespace ControlPlane.Core.Identity;

/// <summary>A step of signing in was done: the session has a new id.</summary>
/// <param name="Ticket">In place of the session that did it.</param>
/// <param name="RecoveryCodes">When the second factor was set up just now; shown once.</param>
public sealed record FinishedStep(SessionTicket Ticket, IReadOnlyList<string>? RecoveryCodes)
{
    public override string ToString() => $"FinishedStep for {Ticket.User.Name}";
}

/// <summary>What is still to be done before a sign-in counts: the second factor, a new password.</summary>
public sealed class PendingSignIn(
    IDbContextFactory<ControlPlaneDb> databases, SessionOpening opening, SecondFactorCodes codes, PasswordChecks passwords, FirstPassword firstPassword,
    AuditTrail audit, TimeProvider clock)
{
    /// <summary>Must a second factor be set up before it can be shown?</summary>
    public async Task<bool> NeedsSetupAsync(Caller caller, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return caller.Pending == PendingStep.SecondFactor
            && await db.Users.AsNoTracking().AnyAsync(user => user.Id == caller.Id && (user.TotpSecret == null || user.TotpPending), cancellationToken);
    }

    /// <summary>For who must have a second factor and has none yet.</summary>
    public async Task<Result<SecondFactorSetup>> BeginSetupAsync(Caller caller, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        if (caller is not { Kind: CallerKind.Session, Pending: PendingStep.SecondFactor })
        {
            return NothingPending();
        }

        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var user = await db.Users.SingleAsync(u => u.Id == caller.Id, cancellationToken);
        if (user.TotpSecret is not null && !user.TotpPending)
        {
            return new ConflictError("second_factor.exists", "There is a second factor already: send its code.");
        }

        var setup = codes.Begin(user);
        audit.Add(db, caller, "users.second_factor.begin", Target(caller));
        await db.SaveChangesAsync(cancellationToken);
        return setup;
    }

    public async Task<Result<FinishedStep>> SecondFactorAsync(Caller caller, string? code, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        if (await FindAsync(db, caller, PendingStep.SecondFactor, cancellationToken) is not var (session, user))
        {
            return NothingPending();
        }

        IReadOnlyList<string>? made = null;
        Error? wrong;
        if (user.TotpPending || user.TotpSecret is null)
        {
            var confirmed = await codes.ConfirmAsync(db, user, code, cancellationToken);
            wrong = confirmed.Error;
            made = confirmed.IsSuccess ? confirmed.Value : null;
        }
        else
        {
            wrong = await codes.CheckAsync(db, user, code, cancellationToken);
        }

        if (wrong is not null)
        {
            await audit.RecordAsync(caller, "auth.second_factor", Target(caller), AuditTrail.Refused, null, cancellationToken);
            return wrong;
        }

        if (made is not null)
        {
            audit.Add(db, caller, "users.second_factor.enable", Target(caller));
        }

        var step = new OpeningStep("auth.second_factor", Replaces: session.Id, SecondFactorShown: true);
        return new FinishedStep(await opening.OpenAsync(db, user, How(caller, session), step, cancellationToken), made);
    }

    /// <summary>Sets the new password that had to be set. All other sessions of the account end.</summary>
    public async Task<Result<FinishedStep>> PasswordAsync(Caller caller, string? newPassword, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        if (await FindAsync(db, caller, PendingStep.PasswordChange, cancellationToken) is not var (session, user))
        {
            return NothingPending();
        }

        return await SetAsync(db, caller, user, session, newPassword, "newPassword", cancellationToken);
    }

    internal async Task<Result<FinishedStep>> SetAsync(
        ControlPlaneDb db, Caller caller, UserEntity user, SessionEntity session, string? newPassword, string field, CancellationToken cancellationToken)
    {
        if (PasswordRules.Problem(newPassword, user.Name) is { } problem)
        {
            return new InvalidError(field, problem);
        }

        if (await passwords.VerifyAsync(newPassword, user.PasswordHash, cancellationToken))
        {
            return new InvalidError(field, "must differ from the password it replaces");
        }

        user.PasswordHash = await passwords.CreateAsync(newPassword!, cancellationToken);
        user.PasswordChangedAt = clock.GetUtcNow().UtcDateTime;
        user.MustChangePassword = false;
        var step = new OpeningStep("auth.password_change", Replaces: session.Id, SecondFactorShown: true, EndsOthers: true);
        var ticket = await opening.OpenAsync(db, user, How(caller, session), step, cancellationToken);
        firstPassword.Forget(user.Name);
        return new FinishedStep(ticket, null);
    }

    internal static async Task<(SessionEntity Session, UserEntity User)?> FindAsync(
        ControlPlaneDb db, Caller caller, string? pending, CancellationToken cancellationToken)
    {
        if (caller.Kind != CallerKind.Session || caller.Pending != pending)
        {
            return null;
        }

        var session = await db.Sessions.SingleOrDefaultAsync(s => s.Id == caller.CredentialId && s.Pending == pending, cancellationToken);
        var user = await db.Users.SingleOrDefaultAsync(u => u.Id == caller.Id && u.DisabledAt == null, cancellationToken);
        return session is null || user is null ? null : (session, user);
    }

    private static OpenSession How(Caller caller, SessionEntity session) =>
        new(session.Method, caller.RemoteAddress, session.UserAgent, caller.RequestId, session.ProviderSession);

    private static ConflictError NothingPending() => new("auth.nothing_pending", "This sign-in does not wait for that.");

    private static AuditObject Target(Caller caller) => new("user", caller.Id, caller.Name);
}
