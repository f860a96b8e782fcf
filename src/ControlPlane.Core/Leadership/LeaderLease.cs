using ControlPlane.Core.Data;
using ControlPlane.Core.Secrets;
using Microsoft.EntityFrameworkCore;

namespace ControlPlane.Core.Leadership;

/// <summary>Who leads. With one replica that is this process; every start takes the next epoch, which orders everything that it writes and sends.</summary>
public sealed class LeaderLease(IDbContextFactory<ControlPlaneDb> databases, TimeProvider clock)
{
    private const int OnlyRow = 1;
    private const long FirstEpoch = 1;

    private long _epoch;

    /// <summary>0 until the lease is taken.</summary>
    public long Epoch => Interlocked.Read(ref _epoch);

    /// <summary>Another server has taken a later epoch: this one must not go on.</summary>
    public bool IsLost { get; private set; }

    /// <summary>Who has taken the lease after us, if anybody.</summary>
    internal async Task<LeaseEntity?> SuccessorAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var lease = await db.Leases.AsNoTracking().FirstOrDefaultAsync(l => l.Id == OnlyRow, cancellationToken);
        IsLost = lease is not null && Epoch > 0 && lease.Epoch > Epoch;
        return IsLost ? lease : null;
    }

    public async Task TakeAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var epoch = await NextAsync(db, cancellationToken) ?? await FirstAsync(cancellationToken) ?? await NextAsync(db, cancellationToken);
        // Requests of earlier epochs are over, one way or the other: their keys may be used again.
        await db.IdempotencyKeys.Where(key => key.Status == 0).ExecuteDeleteAsync(cancellationToken);
        Interlocked.Exchange(ref _epoch, epoch ?? throw new ServerStartException("The row of the leader lease is being removed while this server starts: leave the tables of the database alone."));
    }

    /// <summary>Counts in the database: of two that start at once the second waits for the row and gets an epoch of its own. Null when there is no row.</summary>
    private async Task<long?> NextAsync(ControlPlaneDb db, CancellationToken cancellationToken)
    {
        var (holder, now) = Own();
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var changed = await db.Leases.Where(lease => lease.Id == OnlyRow).ExecuteUpdateAsync(
            lease => lease.SetProperty(l => l.Epoch, l => l.Epoch + 1).SetProperty(l => l.Holder, holder).SetProperty(l => l.TakenAt, now), cancellationToken);
        long? epoch = changed == 0 ? null : await db.Leases.Where(lease => lease.Id == OnlyRow).Select(lease => lease.Epoch).SingleAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return epoch;
    }

    /// <summary>The first start of all; null when another server was first.</summary>
    private async Task<long?> FirstAsync(CancellationToken cancellationToken)
    {
        var (holder, now) = Own();
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        db.Leases.Add(new LeaseEntity { Id = OnlyRow, Epoch = FirstEpoch, Holder = holder, TakenAt = now });
        try
        {
            await db.SaveChangesAsync(cancellationToken);
            return FirstEpoch;
        }
        catch (DbUpdateException)
        {
            // Faults of the database come as another type: the row is there.
            return null;
        }
    }

    private (string Holder, DateTime Now) Own() => ($"{Environment.MachineName}/{Environment.ProcessId}", clock.GetUtcNow().UtcDateTime);
}
