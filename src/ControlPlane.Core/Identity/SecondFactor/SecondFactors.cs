using ControlPlane.Core.Access;
using ControlPlane.Core.Audit;
using ControlPlane.Core.Data;
using ControlPlane.Core.Results;
using Microsoft.EntityFrameworkCore;

namespace ControlPlane.Core.Identity;

/// <summary>How somebody's second factor stands.</summary>
/// <param name="Enabled">Codes are asked for.</param>
/// <param name="Required">The settings ask for it.</param>
/// <param name="RecoveryCodesLeft">Unused ones.</param>
public sealed record SecondFactorView(bool Enabled, bool Required, int RecoveryCodesLeft);

/// <summary>Everybody's own second factor.</summary>
public sealed class SecondFactors(
    IDbContextFactory<ControlPlaneDb> databases, SecondFactorCodes codes, FreshAuthentication fresh, SignInRules rules, CallerCache cache, AuditTrail audit)
{
    public async Task<Result<SecondFactorView>> GetAsync(Caller caller, CancellationToken cancellationToken)
    {
        if (AccessGate.RequireSignedIn(caller) is { } refused)
        {
            return refused;
        }

        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var user = await db.Users.AsNoTracking().SingleOrDefaultAsync(u => u.Id == caller.Id, cancellationToken);
        if (user is null)
        {
            return new NotFoundError("user.not_found", "There is no such account.");
        }

        var left = await db.RecoveryCodes.CountAsync(code => code.UserId == caller.Id && code.UsedAt == null, cancellationToken);
        var isOn = user.TotpSecret is not null && !user.TotpPending;
        return new SecondFactorView(isOn, rules.RequiresFactor(user), isOn ? left : 0);
    }

    /// <summary>A secret for the app; it counts once <see cref="ConfirmAsync"/> has seen a code of it.</summary>
    public async Task<Result<SecondFactorSetup>> BeginAsync(Caller caller, string? currentPassword, CancellationToken cancellationToken)
    {
        if (await RefusalAsync(caller, currentPassword, cancellationToken) is { } refused)
        {
            return refused;
        }

        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var user = await db.Users.SingleAsync(u => u.Id == caller.Id, cancellationToken);
        if (user.TotpSecret is not null && !user.TotpPending)
        {
            return new ConflictError("second_factor.exists", "There is a second factor already: turn it off first.");
        }

        var setup = codes.Begin(user);
        audit.Add(db, caller, "users.second_factor.begin", Target(caller));
        await db.SaveChangesAsync(cancellationToken);
        return setup;
    }

    /// <summary>Gives the recovery codes. Sessions that were opened without the second factor end.</summary>
    public async Task<Result<IReadOnlyList<string>>> ConfirmAsync(Caller caller, string? code, CancellationToken cancellationToken)
    {
        if (AccessGate.RequireSignedIn(caller) is { } refused)
        {
            return refused;
        }

        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var user = await db.Users.SingleOrDefaultAsync(u => u.Id == caller.Id, cancellationToken);
        if (user is null)
        {
            return new NotFoundError("user.not_found", "There is no such account.");
        }

        var confirmed = await codes.ConfirmAsync(db, user, code, cancellationToken);
        if (!confirmed.IsSuccess)
        {
            return confirmed;
        }

        var ended = await WebSessions.RemoveAllAsync(db, user.Id, except: caller.CredentialId, cancellationToken);
        audit.Add(db, caller, "users.second_factor.enable", Target(caller));
        await db.SaveChangesAsync(cancellationToken);
        cache.RemoveCredentials(ended);
        return confirmed;
    }

    /// <summary>Needs both factors.</summary>
    public async Task<Result<Done>> DisableAsync(Caller caller, string? currentPassword, string? code, CancellationToken cancellationToken)
    {
        var checkedUser = await WithCodeAsync(caller, currentPassword, code, cancellationToken);
        if (!checkedUser.IsSuccess)
        {
            return checkedUser.Error;
        }

        await using var db = checkedUser.Value.Db;
        var user = checkedUser.Value.User;
        if (rules.RequiresFactor(user))
        {
            return new ConflictError("second_factor.required", "The settings ask for a second factor: it cannot be turned off.");
        }

        await ClearAsync(db, user, cancellationToken);
        audit.Add(db, caller, "users.second_factor.disable", Target(caller));
        await db.SaveChangesAsync(cancellationToken);
        return Done.Value;
    }

    /// <summary>New recovery codes in place of the old ones.</summary>
    public async Task<Result<IReadOnlyList<string>>> RegenerateAsync(Caller caller, string? currentPassword, string? code, CancellationToken cancellationToken)
    {
        var checkedUser = await WithCodeAsync(caller, currentPassword, code, cancellationToken);
        if (!checkedUser.IsSuccess)
        {
            return checkedUser.Error;
        }

        await using var db = checkedUser.Value.Db;
        var made = await RecoveryCodes.ReplaceAsync(db, caller.Id, cancellationToken);
        audit.Add(db, caller, "users.second_factor.recovery_codes", Target(caller));
        await db.SaveChangesAsync(cancellationToken);
        return Result.Of(made);
    }

    /// <summary>Takes the second factor away, in the caller's unit of work.</summary>
    internal static async Task ClearAsync(ControlPlaneDb db, UserEntity user, CancellationToken cancellationToken)
    {
        user.TotpSecret = null;
        user.TotpPending = false;
        user.TotpLastStep = 0;
        db.RecoveryCodes.RemoveRange(await db.RecoveryCodes.Where(code => code.UserId == user.Id).ToListAsync(cancellationToken));
    }

    private async Task<Result<(ControlPlaneDb Db, UserEntity User)>> WithCodeAsync(
        Caller caller, string? currentPassword, string? code, CancellationToken cancellationToken)
    {
        if (await RefusalAsync(caller, currentPassword, cancellationToken) is { } refused)
        {
            return refused;
        }

        var db = await databases.CreateDbContextAsync(cancellationToken);
        var user = await db.Users.SingleAsync(u => u.Id == caller.Id, cancellationToken);
        if (await codes.CheckAsync(db, user, code, cancellationToken) is { } wrong)
        {
            await db.DisposeAsync();
            return wrong;
        }

        // The code was used by statement: read what is there now.
        await db.Entry(user).ReloadAsync(cancellationToken);
        return (db, user);
    }

    private async Task<Error?> RefusalAsync(Caller caller, string? currentPassword, CancellationToken cancellationToken)
    {
        if (AccessGate.RequireSignedIn(caller) is { } refused)
        {
            return refused;
        }

        return caller.Kind == CallerKind.Session
            ? await fresh.RequireAsync(caller, currentPassword, cancellationToken)
            : new ForbiddenError("auth.session_required", "Sign in: a token cannot change how its owner signs in.");
    }

    private static AuditObject Target(Caller caller) => new("user", caller.Id, caller.Name);
}
