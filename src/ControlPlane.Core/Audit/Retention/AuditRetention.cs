using System.Globalization;
using ControlPlane.Core.Access;
using ControlPlane.Core.Data;
using ControlPlane.Core.Leadership;
using Microsoft.EntityFrameworkCore;

namespace ControlPlane.Core.Audit.Retention;

/// <summary>
/// Deletes the entries of whole seals by age, the oldest first, once an hour. The seals stay with their hashes: the chain is
/// verifiable from its beginning, and what was deleted is known to have been there.
/// </summary>
public sealed class AuditRetention(IDbContextFactory<ControlPlaneDb> databases, AuditTrail audit, TimeProvider clock) : IDuty
{
    // Some 5,000 rows in one transaction.
    private const int SealsAtOnce = 5;
    private static readonly TimeSpan Period = TimeSpan.FromHours(1);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Period, clock);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            await ExpireAsync(cancellationToken);
        }
    }

    /// <summary>How many entries went.</summary>
    public async Task<long> ExpireAsync(CancellationToken cancellationToken)
    {
        long deleted = 0;
        while (true)
        {
            var now = await ExpireSomeAsync(cancellationToken);
            if (now == 0)
            {
                return deleted;
            }

            deleted += now;
        }
    }

    private async Task<long> ExpireSomeAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var settings = AuditSettings.Read(await db.Settings.AsNoTracking().FirstOrDefaultAsync(s => s.Name == AuditSettings.Name, cancellationToken));
        var kept = TimeSpan.FromDays(Math.Max(settings.Days, AuditSettings.LeastDays));
        var until = clock.GetUtcNow().UtcDateTime - kept;
        var seals = await db.AuditSeals.Where(seal => !seal.Expired).OrderBy(seal => seal.Number).Take(SealsAtOnce).ToListAsync(cancellationToken);
        var due = new List<AuditSealEntity>();
        foreach (var seal in seals)
        {
            // Strictly from the oldest on: what expires is always the beginning of the chain.
            var newest = await db.Audit.Where(entry => entry.Seal == seal.Number).MaxAsync(entry => (DateTime?)entry.At, cancellationToken);
            if (seal.SealedAt >= until || newest is null || newest >= until)
            {
                break;
            }

            due.Add(seal);
        }

        if (due.Count == 0)
        {
            return 0;
        }

        var (first, last) = (due[0].Number, due[^1].Number);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        long deleted = await db.Audit.Where(entry => entry.Seal >= first && entry.Seal <= last).ExecuteDeleteAsync(cancellationToken);
        due.ForEach(seal => seal.Expired = true);
        audit.Add(
            db, Caller.System("audit-retention"), "audit.expire", new AuditObject("audit", ""), AuditTrail.Ok,
            string.Create(CultureInfo.InvariantCulture, $"{deleted} entries of the seals {first} to {last}, older than {kept.TotalDays:0} days"));
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return deleted;
    }
}
