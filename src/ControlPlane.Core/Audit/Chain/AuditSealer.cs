using ControlPlane.Core.Data;
using ControlPlane.Core.Leadership;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace ControlPlane.Core.Audit.Chain;

/// <summary>
/// Links entries to the chain, once a second when there are new ones: each seal gives its entries their place and hashes them together
/// with the seal before. One transaction per seal, so that entries are in a whole seal or wait for the next.
/// </summary>
public sealed partial class AuditSealer(IDbContextFactory<ControlPlaneDb> databases, TimeProvider clock, ILogger<AuditSealer> logger) : IDuty
{
    /// <summary>Entries of one seal at most: SQLite's one writer is held for some 20 ms.</summary>
    internal const int SealSize = 1000;

    private const int ReadSize = 10 * SealSize;
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan AnchorPeriod = TimeSpan.FromHours(1);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Period, clock);
        var anchorAt = clock.GetUtcNow();
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            while (await SealAsync(cancellationToken) == ReadSize)
            {
                // Catching up.
            }

            if (clock.GetUtcNow() >= anchorAt)
            {
                anchorAt = clock.GetUtcNow() + AnchorPeriod;
                await TellAsync(cancellationToken);
            }
        }
    }

    /// <summary>Seals what is unsealed now, at most ten seals; how many entries.</summary>
    public async Task<int> SealAsync(CancellationToken cancellationToken)
    {
        List<AuditEntity> entries;
        AuditSealEntity? head;
        await using (var db = await databases.CreateDbContextAsync(cancellationToken))
        {
            // The head before the entries: whoever seals one of these meanwhile takes the number after this head, and ours is refused.
            head = await HeadAsync(db, cancellationToken);
            // The order is fixed by the seal. Who commits later with an earlier time is in a later seal.
            entries = await db.Audit.AsNoTracking().Where(entry => entry.Seal == null)
                .OrderBy(entry => entry.At).ThenBy(entry => entry.Id).Take(ReadSize).ToListAsync(cancellationToken);
            if (entries.Count == 0)
            {
                return 0;
            }
        }

        foreach (var chunk in entries.Chunk(SealSize))
        {
            head = await SealAsync(chunk, head, cancellationToken);
        }

        return entries.Count;
    }

    internal static Task<AuditSealEntity?> HeadAsync(ControlPlaneDb db, CancellationToken cancellationToken) =>
        db.AuditSeals.AsNoTracking().OrderByDescending(seal => seal.Number).FirstOrDefaultAsync(cancellationToken);

    private async Task<AuditSealEntity> SealAsync(AuditEntity[] entries, AuditSealEntity? head, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow().UtcDateTime;
        var number = (head?.Number ?? 0) + 1;
        var previous = head?.Hash ?? SealHash.Zero;
        // As the database keeps it.
        now = new DateTime(now.Ticks - (now.Ticks % TimeSpan.TicksPerMicrosecond), DateTimeKind.Utc);
        using var hash = new SealHash();
        hash.Begin(number, previous, now, entries.Length);
        foreach (var entry in entries)
        {
            hash.Add(entry);
        }

        var seal = new AuditSealEntity { Number = number, SealedAt = now, Entries = entries.Length, PreviousHash = previous, Hash = hash.End() };
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        // First: another process that seals the same ones fails here, before it touches an entry.
        db.AuditSeals.Add(seal);
        await db.SaveChangesAsync(cancellationToken);
        db.AttachRange(entries);
        for (var index = 0; index < entries.Length; index++)
        {
            // Only these two columns are written, and only where the entry is still there.
            entries[index].Seal = number;
            entries[index].SealIndex = index;
            db.Entry(entries[index]).Property(entry => entry.SealIndex).IsModified = true;
        }

        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return seal;
    }

    /// <summary>Outside of the database somebody else keeps the log: a chain that was made anew shows.</summary>
    private async Task TellAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        if (await HeadAsync(db, cancellationToken) is { } head)
        {
            LogHead(head.Number, head.Hash);
        }
    }

    [LoggerMessage(LogLevel.Information, "The audit chain ends with seal {Number}: {Hash}")]
    private partial void LogHead(long number, string hash);
}
