using ControlPlane.Core.Data;
using ControlPlane.Core.Results;
using ControlPlane.Core.Secrets;
using Microsoft.EntityFrameworkCore;

namespace ControlPlane.Core.Identity;

/// <summary>What an authenticator app needs, shown once.</summary>
/// <param name="Secret">Base32, to type by hand.</param>
/// <param name="Uri"><c>otpauth://…</c>, to show as a QR code.</param>
public sealed record SecondFactorSetup(string Secret, string Uri)
{
    public override string ToString() => nameof(SecondFactorSetup);
}

/// <summary>Checks codes of the second factor: from the app, each once, or recovery codes, each once.</summary>
public sealed class SecondFactorCodes(SecretBox box, LoginThrottle throttle, TimeProvider clock)
{
    private const string Issuer = "ControlPlane";

    /// <summary>A new secret that waits for its first code, in the caller's unit of work.</summary>
    internal SecondFactorSetup Begin(UserEntity user)
    {
        var secret = Totp.NewSecret();
        user.TotpSecret = box.Wrap(secret, Purpose(user.Id));
        user.TotpPending = true;
        user.TotpLastStep = 0;
        return new SecondFactorSetup(Base32.Encode(secret), Totp.Uri(secret, Issuer, user.Name));
    }

    /// <summary>The first code turns the second factor on; gives the recovery codes. In the caller's unit of work.</summary>
    internal async Task<Result<IReadOnlyList<string>>> ConfirmAsync(ControlPlaneDb db, UserEntity user, string? code, CancellationToken cancellationToken)
    {
        if (user.TotpSecret is null || !user.TotpPending)
        {
            return new ConflictError("second_factor.not_begun", "Begin to set up the second factor first.");
        }

        if (Throttled(user.Id) is { } wait)
        {
            return wait;
        }

        if (Totp.Match(box.Unwrap(user.TotpSecret, Purpose(user.Id)), Normal(code), clock.GetUtcNow(), 0) is not { } step)
        {
            return Wrong();
        }

        throttle.Succeeded(Key(user.Id));
        user.TotpPending = false;
        user.TotpLastStep = step;
        return Result.Of(await RecoveryCodes.ReplaceAsync(db, user.Id, cancellationToken));
    }

    /// <summary>Null when the code is right. It is used up then, whatever happens next.</summary>
    internal async Task<Error?> CheckAsync(ControlPlaneDb db, UserEntity user, string? code, CancellationToken cancellationToken)
    {
        if (user.TotpSecret is null || user.TotpPending)
        {
            return new ConflictError("second_factor.none", "There is no second factor.");
        }

        if (Throttled(user.Id) is { } wait)
        {
            return wait;
        }

        var typed = Normal(code);
        var now = clock.GetUtcNow();
        var right = typed.Length == Totp.Digits
            ? Totp.Match(box.Unwrap(user.TotpSecret, Purpose(user.Id)), typed, now, user.TotpLastStep) is { } step
                && await UseStepAsync(db, user.Id, step, cancellationToken)
            : await RecoveryCodes.UseAsync(db, user.Id, typed, now.UtcDateTime, cancellationToken);
        if (!right)
        {
            return Wrong();
        }

        throttle.Succeeded(Key(user.Id));
        return null;
    }

    // By statement: of two requests with the same code one wins.
    private static async Task<bool> UseStepAsync(ControlPlaneDb db, string userId, long step, CancellationToken cancellationToken) =>
        await db.Users.Where(user => user.Id == userId && user.TotpLastStep < step)
            .ExecuteUpdateAsync(user => user.SetProperty(u => u.TotpLastStep, step), cancellationToken) == 1;

    private ThrottledError? Throttled(string userId)
    {
        var wait = throttle.Enter(Key(userId));
        return wait > 0 ? new ThrottledError("auth.throttled", $"Too many attempts. Try again in {wait} seconds.", wait) : null;
    }

    private static string Normal(string? code) => (code ?? "").Replace(" ", "", StringComparison.Ordinal).Trim();

    private static InvalidError Wrong() => new("code", "is wrong or was used already");

    private static string Key(string userId) => "totp:" + userId;

    private static string Purpose(string userId) => "totp/" + userId;
}
