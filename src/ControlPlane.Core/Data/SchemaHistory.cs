using ControlPlane.Core.Secrets;
using Microsoft.EntityFrameworkCore;

namespace ControlPlane.Core.Data;

/// <summary>Which migrations a database has, against those that this program knows.</summary>
public static class SchemaHistory
{
    /// <summary>True when migrations are missing. A database of a newer program is refused: its rows may mean something else by now.</summary>
    public static async Task<bool> IsBehindAsync(ControlPlaneDb db, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        var known = db.Database.GetMigrations().ToHashSet(StringComparer.Ordinal);
        var applied = (await db.Database.GetAppliedMigrationsAsync(cancellationToken)).ToList();
        if (applied.Find(name => !known.Contains(name)) is { } newer)
        {
            throw new ServerStartException($"The database was made by a newer version of this program (it has the migration {newer}): start that version, or restore the backup from before the upgrade.");
        }

        return applied.Count < known.Count;
    }
}
