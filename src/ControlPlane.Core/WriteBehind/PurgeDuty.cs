using ControlPlane.Core.Data;
using ControlPlane.Core.Identity;
using ControlPlane.Core.Leadership;
using Microsoft.EntityFrameworkCore;

namespace ControlPlane.Core.WriteBehind;

/// <summary>Removes what nobody needs any more, once an hour.</summary>
public sealed class PurgeDuty(IDbContextFactory<ControlPlaneDb> databases, SignInRules rules, TimeProvider clock) : IDuty
{
    private static readonly TimeSpan Period = TimeSpan.FromHours(1);
    private static readonly TimeSpan KeepIdempotencyKeys = TimeSpan.FromHours(24);
    private static readonly TimeSpan KeepHistory = TimeSpan.FromDays(30);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Period, clock);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            await PurgeAsync(cancellationToken);
        }
    }

    public async Task PurgeAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var now = clock.GetUtcNow().UtcDateTime;
        var idleSince = now - rules.Current.Idle;
        var keysUntil = now - KeepIdempotencyKeys;
        var historyUntil = now - KeepHistory;
        await db.Sessions.Where(s => s.ExpiresAt <= now || s.LastSeenAt <= idleSince).ExecuteDeleteAsync(cancellationToken);
        await db.IdempotencyKeys.Where(k => k.CreatedAt <= keysUntil).ExecuteDeleteAsync(cancellationToken);
        await db.Events.Where(e => e.At <= historyUntil).ExecuteDeleteAsync(cancellationToken);
        await db.Operations.Where(o => o.EndedAt != null && o.EndedAt <= historyUntil).ExecuteDeleteAsync(cancellationToken);
    }
}
