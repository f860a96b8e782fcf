using ControlPlane.Core.Data;
using Microsoft.EntityFrameworkCore;

namespace ControlPlane.Core.Access;

/// <summary>
/// Holds the snapshot that decides about access. Whoever changes teams, members, roles, collections or grants saves through
/// <see cref="SaveAsync"/>: what is published is what was committed, read in the same transaction.
/// </summary>
public sealed class AccessStore(IDbContextFactory<ControlPlaneDb> databases) : IDisposable
{
    // One writer at a time: a snapshot must not be overtaken by an older one.
    private readonly SemaphoreSlim _writing = new(1);
    private AccessSnapshot _current = AccessSnapshot.Empty;

    /// <summary>Raised after a new snapshot was published; handlers must be quick.</summary>
    public event Action<AccessSnapshot>? Published;

    public AccessSnapshot Current => Volatile.Read(ref _current);

    /// <summary>At start.</summary>
    public async Task LoadAsync(CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken);
        try
        {
            await using var db = await databases.CreateDbContextAsync(cancellationToken);
            Publish(await AccessReader.ReadAsync(db, Current.Version + 1, cancellationToken));
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <summary>
    /// Saves the unit of work and publishes what access is from now on. <paramref name="alongside"/> runs in the same transaction,
    /// for statements that the unit of work does not know.
    /// </summary>
    public async Task SaveAsync(ControlPlaneDb db, CancellationToken cancellationToken, Func<Task>? alongside = null)
    {
        ArgumentNullException.ThrowIfNull(db);
        await _writing.WaitAsync(cancellationToken);
        try
        {
            await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
            if (alongside is not null)
            {
                await alongside();
            }

            await db.SaveChangesAsync(cancellationToken);
            var next = await AccessReader.ReadAsync(db, Current.Version + 1, cancellationToken);
            // Once the commit is on its way the client may go: what was committed is published.
            await transaction.CommitAsync(CancellationToken.None);
            Publish(next);
        }
        finally
        {
            _writing.Release();
        }
    }

    public void Dispose() => _writing.Dispose();

    internal void Publish(AccessSnapshot next)
    {
        Volatile.Write(ref _current, next);
        Published?.Invoke(next);
    }
}
