using System.Reflection;
using ControlPlane.Core.Results;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;

namespace ControlPlane.Core.Data.Copying;

/// <summary>How many rows a table has.</summary>
public sealed record TableCount(string Table, long Rows);

/// <summary>Takes everything from one database into an empty one of another kind: whole, or not at all. Both have the current tables.</summary>
public static class DatabaseCopier
{
    // Rows in memory at once; an audit entry is a kilobyte.
    private const int BatchSize = 500;

    private static readonly TimeSpan StatementLimit = TimeSpan.FromMinutes(5);
    private static readonly MethodInfo CopyTable = typeof(DatabaseCopier).GetMethod(nameof(CopyTableAsync), BindingFlags.NonPublic | BindingFlags.Static)!;
    private static readonly MethodInfo CountTable = typeof(DatabaseCopier).GetMethod(nameof(CountRowsAsync), BindingFlags.NonPublic | BindingFlags.Static)!;

    /// <summary>All tables with their rows.</summary>
    public static async Task<IReadOnlyList<TableCount>> CountAsync(ControlPlaneDb db, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        db.Database.SetCommandTimeout(StatementLimit);
        var counts = new List<TableCount>();
        foreach (var table in Tables(db))
        {
            counts.Add(new TableCount(table.GetTableName()!, await CountAsync(db, table, cancellationToken)));
        }

        return counts;
    }

    /// <summary>What was copied, table by table; the target is as before when it fails.</summary>
    public static async Task<Result<IReadOnlyList<TableCount>>> CopyAsync(ControlPlaneDb source, ControlPlaneDb target, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(target);
        source.Database.SetCommandTimeout(StatementLimit);
        target.Database.SetCommandTimeout(StatementLimit);
        // One look at the source, also when somebody resets a password beside us.
        await using var reading = await source.Database.BeginTransactionAsync(cancellationToken);
        await using var writing = await target.Database.BeginTransactionAsync(cancellationToken);
        var copied = new List<TableCount>();
        foreach (var table in Tables(source))
        {
            var name = table.GetTableName()!;
            if (await CountAsync(target, table, cancellationToken) > 0)
            {
                return new ConflictError("database.not_empty", $"The table {name} of the target has rows. Nothing was copied; name an empty database.");
            }

            await Invoke(CopyTable, table, source, target, cancellationToken);
            var (had, has) = (await CountAsync(source, table, cancellationToken), await CountAsync(target, table, cancellationToken));
            if (had != has)
            {
                return new ConflictError("database.copy_incomplete", FormattableString.Invariant($"The table {name} has {had} rows and {has} arrived. Nothing was copied."));
            }

            copied.Add(new TableCount(name, has));
        }

        await writing.CommitAsync(cancellationToken);
        return copied;
    }

    /// <summary>What others refer to comes first.</summary>
    internal static IReadOnlyList<IEntityType> Tables(ControlPlaneDb db)
    {
        var left = db.Model.GetEntityTypes().OrderBy(type => type.GetTableName(), StringComparer.Ordinal).ToList();
        var ordered = new List<IEntityType>();
        while (left.Count > 0)
        {
            var next = left.Find(type => type.GetForeignKeys().All(key => key.PrincipalEntityType == type || ordered.Contains(key.PrincipalEntityType)))
                ?? throw new InvalidOperationException("The tables refer to each other in a circle.");
            left.Remove(next);
            ordered.Add(next);
        }

        return ordered;
    }

    private static async Task<long> CountAsync(ControlPlaneDb db, IEntityType table, CancellationToken cancellationToken) =>
        await (Task<long>)Invoke(CountTable, table, db, cancellationToken);

    private static Task Invoke(MethodInfo method, IEntityType table, params object[] arguments) =>
        (Task)method.MakeGenericMethod(table.ClrType).Invoke(null, BindingFlags.DoNotWrapExceptions, binder: null, arguments, culture: null)!;

    private static Task<long> CountRowsAsync<T>(ControlPlaneDb db, CancellationToken cancellationToken) where T : class => db.Set<T>().LongCountAsync(cancellationToken);

    private static async Task CopyTableAsync<T>(ControlPlaneDb source, ControlPlaneDb target, CancellationToken cancellationToken) where T : class
    {
        var batch = new List<T>(BatchSize);
        await foreach (var row in source.Set<T>().AsNoTracking().AsAsyncEnumerable().WithCancellation(cancellationToken))
        {
            batch.Add(row);
            if (batch.Count == BatchSize)
            {
                await InsertAsync(target, batch, cancellationToken);
            }
        }

        await InsertAsync(target, batch, cancellationToken);
    }

    private static async Task InsertAsync<T>(ControlPlaneDb target, List<T> batch, CancellationToken cancellationToken) where T : class
    {
        foreach (var row in batch.OfType<IVersioned>())
        {
            // Saving counts it up again: revisions, and with them ETags, stay.
            row.Version--;
        }

        target.AddRange(batch);
        await target.SaveChangesAsync(cancellationToken);
        target.ChangeTracker.Clear();
        batch.Clear();
    }
}
