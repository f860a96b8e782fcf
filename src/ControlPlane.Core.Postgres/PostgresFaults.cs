using ControlPlane.Core.Data.Faults;
using Npgsql;

namespace ControlPlane.Core.Postgres;

/// <summary>Reads PostgreSQL's and the driver's errors.</summary>
public static class PostgresFaults
{
    /// <summary>Null when the error is about the rows or the statement.</summary>
    public static DatabaseFault? Judge(Exception error)
    {
        for (var at = error; at is not null; at = at.InnerException)
        {
            switch (at)
            {
                case DatabaseUnavailableException known:
                    return known.Fault;
                case PostgresException answer:
                    return Judge(answer);
                case NpgsqlException broken:
                    return IsTimeout(broken) ? DatabaseFault.Slow : DatabaseFault.Unavailable;
                case TimeoutException:
                    return DatabaseFault.Slow;
            }
        }

        return null;
    }

    public static PostgresException? Answer(Exception error)
    {
        for (var at = error; at is not null; at = at.InnerException!)
        {
            if (at is PostgresException answer)
            {
                return answer;
            }
        }

        return null;
    }

    private static DatabaseFault? Judge(PostgresException answer) => answer.SqlState switch
    {
        PostgresErrorCodes.DiskFull => DatabaseFault.Full,
        PostgresErrorCodes.ReadOnlySqlTransaction => DatabaseFault.ReadOnly,
        // The server's or an operator's own limits; a slow statement that was cancelled.
        PostgresErrorCodes.QueryCanceled or PostgresErrorCodes.LockNotAvailable => DatabaseFault.Slow,
        PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown or PostgresErrorCodes.CannotConnectNow or PostgresErrorCodes.IoError
            or "57P05" or "25P03" => DatabaseFault.Unavailable,
        // Connection exceptions; who may sign in; the catalogue; resources: the connection itself was refused.
        ['0', '8', ..] or ['2', '8', ..] or ['3', 'D', ..] or ['5', '3', ..] or ['X', 'X', ..] => DatabaseFault.Unavailable,
        _ => null,
    };

    private static bool IsTimeout(Exception? error) => error is not null && (error is TimeoutException || IsTimeout(error.InnerException));
}
