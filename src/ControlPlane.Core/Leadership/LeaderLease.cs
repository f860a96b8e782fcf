using ControlPlane.Core.Data;
using Microsoft.EntityFrameworkCore;

namespace ControlPlane.Core.Leadership;

/// <summary>Who leads. With one replica that is this process; every start takes the next epoch, which orders everything that it writes and sends.</summary>
public sealed class LeaderLease(IDbContextFactory<ControlPlaneDb> databases, TimeProvider clock)
{
    private const int OnlyRow = 1;

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
        var lease = await db.Leases.FindAsync([OnlyRow], cancellationToken);
        if (lease is null)
        {
            lease = new LeaseEntity { Id = OnlyRow, Epoch = 0, Holder = "" };
            db.Leases.Add(lease);
        }

        lease.Epoch++;
        lease.Holder = $"{Environment.MachineName}/{Environment.ProcessId}";
        lease.TakenAt = clock.GetUtcNow().UtcDateTime;
        await db.SaveChangesAsync(cancellationToken);
        // Requests of earlier epochs are over, one way or the other: their keys may be used again.
        await db.IdempotencyKeys.Where(key => key.Status == 0).ExecuteDeleteAsync(cancellationToken);
        Interlocked.Exchange(ref _epoch, lease.Epoch);
    }
}
