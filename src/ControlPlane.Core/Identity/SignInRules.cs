using ControlPlane.Core.Data;
using Microsoft.EntityFrameworkCore;

namespace ControlPlane.Core.Identity;

/// <summary>The settings for sign-in in memory: each request asks them.</summary>
public sealed class SignInRules
{
    private SignInSettings _current = SignInSettings.Default;

    public SignInSettings Current => Volatile.Read(ref _current);

    public async Task LoadAsync(IDbContextFactory<ControlPlaneDb> databases, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(databases);
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        if (await db.Settings.AsNoTracking().FirstOrDefaultAsync(row => row.Name == SignInSettings.Name, cancellationToken) is { } row)
        {
            Publish(SignInSettings.Read(row));
        }
    }

    public void Publish(SignInSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        // A later change may have been published already.
        if (settings.Revision >= Current.Revision)
        {
            Volatile.Write(ref _current, settings);
        }
    }

    /// <summary>Must this account have a second factor? Those who sign in by a provider show the provider's.</summary>
    internal bool RequiresFactor(UserEntity user) => user.Source != AccountSource.OpenId && Current.SecondFactor switch
    {
        SecondFactorRule.Everybody => true,
        SecondFactorRule.Administrators => user.IsAdministrator,
        _ => false,
    };

    /// <summary>What this session waits for; null = nothing.</summary>
    internal string? PendingOf(UserEntity user, OpenSession how, bool secondFactorShown)
    {
        var asksFactor = !how.IsOpenId && !secondFactorShown && ((user.TotpSecret is not null && !user.TotpPending) || RequiresFactor(user));
        return asksFactor ? PendingStep.SecondFactor
            : user.MustChangePassword && how.Method == OpenSession.Password ? PendingStep.PasswordChange
            : null;
    }
}
