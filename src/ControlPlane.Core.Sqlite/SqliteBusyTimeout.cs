using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace ControlPlane.Core.Sqlite;

/// <summary>
/// Lets SQLite itself wait for the write lock: it looks again after 1, 2, 5, 10… milliseconds, while the driver sleeps for 150 each
/// time, which is what the slowest of two commits at once then takes.
/// </summary>
internal sealed class SqliteBusyTimeout : DbConnectionInterceptor
{
    /// <summary>The driver's own limit, which it looks at after SQLite has given up: below SQLite's, or it would wait a second time.</summary>
    public const int DriverSeconds = 4;

    private const string Wait = "PRAGMA busy_timeout=5000;";

    public static readonly SqliteBusyTimeout Instance = new();

    public override void ConnectionOpened(DbConnection connection, ConnectionEndEventData eventData)
    {
        ArgumentNullException.ThrowIfNull(connection);
        using var command = Command(connection);
        command.ExecuteNonQuery();
    }

    public override async Task ConnectionOpenedAsync(DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(connection);
        await using var command = Command(connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static DbCommand Command(DbConnection connection)
    {
        var command = connection.CreateCommand();
        command.CommandText = Wait;
        return command;
    }
}
