using ControlPlane.Core.Data;
using ControlPlane.Core.Leadership;
using Microsoft.EntityFrameworkCore;

namespace ControlPlane.Core.Identity;

/// <summary>Do credentials still count? Asked of the database, for streams that were opened a while ago.</summary>
public sealed class CredentialState(IDbContextFactory<ControlPlaneDb> databases, SignInRules rules, TimeProvider clock)
{
    /// <summary>The ids among them that count: not revoked, not expired, of an account that is active.</summary>
    public async Task<IReadOnlySet<string>> AliveAsync(IReadOnlyCollection<string> credentialIds, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(credentialIds);
        var now = clock.GetUtcNow().UtcDateTime;
        var idleSince = now - rules.Current.Idle;
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var active = db.Users.AsNoTracking().Where(user => user.DisabledAt == null);
        var alive = new HashSet<string>(StringComparer.Ordinal);
        foreach (var ids in credentialIds.Distinct(StringComparer.Ordinal).Chunk(500))
        {
            alive.UnionWith(await db.Sessions.AsNoTracking()
                .Where(s => ids.Contains(s.Id) && s.ExpiresAt > now && s.LastSeenAt > idleSince && active.Any(user => user.Id == s.UserId))
                .Select(s => s.Id).ToListAsync(cancellationToken));
            alive.UnionWith(await db.ApiTokens.AsNoTracking()
                .Where(t => ids.Contains(t.Id) && t.RevokedAt == null && (t.ExpiresAt == null || t.ExpiresAt > now) && active.Any(user => user.Id == t.UserId))
                .Select(t => t.Id).ToListAsync(cancellationToken));
            alive.UnionWith(await db.ClientCertificates.AsNoTracking()
                .Where(c => ids.Contains(c.Id) && c.RevokedAt == null && c.ExpiresAt > now && active.Any(user => user.Id == c.UserId))
                .Select(c => c.Id).ToListAsync(cancellationToken));
        }

        return alive;
    }
}

/// <summary>Ends streams whose credential expired or was ended by another process (the command line on this machine): looks twice a minute.</summary>
public sealed class CredentialWatch(CallerLifetimes lifetimes, CredentialState credentials, CallerCache cache, TimeProvider clock) : IDuty
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(30);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Period, clock);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            await LookAsync(cancellationToken);
        }
    }

    public async Task LookAsync(CancellationToken cancellationToken)
    {
        var open = lifetimes.OpenCallers().Select(caller => caller.CredentialId).OfType<string>().Distinct(StringComparer.Ordinal).ToList();
        if (open.Count > 0)
        {
            var alive = await credentials.AliveAsync(open, cancellationToken);
            cache.RemoveCredentials(open.Where(id => !alive.Contains(id)));
        }
    }
}
