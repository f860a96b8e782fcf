using System.Data.Common;
using ControlPlane.Core.Data.Faults;
using ControlPlane.Core.Postgres;
using ControlPlane.Core.Results;
using ControlPlane.Core.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace ControlPlane.Api.Rest.Conventions;

/// <summary>What the doors answer when the database cannot do its work: the same for REST, pages and the Docker endpoint.</summary>
internal static class DatabaseErrors
{
    // SQLITE_CONSTRAINT_PRIMARYKEY and SQLITE_CONSTRAINT_UNIQUE.
    private const int SqlitePrimaryKey = 1555;
    private const int SqliteUnique = 2067;
    private const string PostgresUnique = "23505";

    // Somebody has to make room; asking every two seconds helps nobody.
    private const int OperatorSeconds = 30;

    public static bool IsUniqueViolation(DbException error) =>
        error.SqlState == PostgresUnique || error is Microsoft.Data.Sqlite.SqliteException { SqliteExtendedErrorCode: SqlitePrimaryKey or SqliteUnique };

    /// <summary>Null when it is not the database's.</summary>
    public static UnavailableError? Of(Exception error) => (PostgresFaults.Judge(error) ?? SqliteFaults.Judge(error)) switch
    {
        DatabaseFault.Full => new UnavailableError("database.full", "The database has no room left on its disk: nothing was changed. It goes on by itself once there is room.", OperatorSeconds),
        DatabaseFault.ReadOnly => new UnavailableError("database.read_only", "The database takes no writes: nothing was changed. It is a standby, or its file system is mounted read-only.", OperatorSeconds),
        null when !IsDatabase(error) => null,
        _ => new UnavailableError("database.unavailable", "The database does not answer. Nothing was changed, or the change is not confirmed."),
    };

    private static bool IsDatabase(Exception error) =>
        error is DbUpdateException or DbException or TimeoutException || (error.InnerException is { } inner && IsDatabase(inner));
}
