using ControlPlane.Core.Data.Faults;
using Microsoft.Data.Sqlite;

namespace ControlPlane.Core.Sqlite;

/// <summary>Reads SQLite's result codes.</summary>
public static class SqliteFaults
{
    private const int Busy = 5;
    private const int Locked = 6;
    private const int NoMemory = 7;
    private const int ReadOnly = 8;
    private const int IoError = 10;
    private const int Corrupt = 11;
    private const int Full = 13;
    private const int CannotOpen = 14;
    private const int NotADatabase = 26;

    // The index of the write-ahead log could not grow; SQLite does not say Full there (SQLITE_IOERR_SHMSIZE).
    private const int IndexCannotGrow = IoError | (19 << 8);

    /// <summary>Null when the error is about the rows or the statement.</summary>
    public static DatabaseFault? Judge(Exception error)
    {
        for (var at = error; at is not null; at = at.InnerException)
        {
            switch (at)
            {
                case DatabaseUnavailableException known:
                    return known.Fault;
                case SqliteException answer:
                    return answer.SqliteExtendedErrorCode == IndexCannotGrow ? DatabaseFault.Full : Judge(answer.SqliteErrorCode);
            }
        }

        return null;
    }

    internal static string? Sentence(SqliteException error, string path) => error.SqliteErrorCode switch
    {
        Busy or Locked => $"The database {path} is locked by another process: end it, or wait until it is done.",
        ReadOnly => $"The database {path} cannot be written: check its owner, its mode, and whether its file system is mounted read-only.",
        Full => $"There is no room for the database {path}: its file system is full.",
        CannotOpen => $"The database {path} cannot be opened: check the owner and mode of the file and its directory.",
        Corrupt or NotADatabase => $"The database {path} is damaged or no database at all: restore it from a backup.",
        IoError => $"The database {path} cannot be read or written: its disk reports an error.",
        _ => null,
    };

    private static DatabaseFault? Judge(int code) => code switch
    {
        Full => DatabaseFault.Full,
        ReadOnly => DatabaseFault.ReadOnly,
        Busy or Locked => DatabaseFault.Slow,
        IoError or CannotOpen or Corrupt or NotADatabase or NoMemory => DatabaseFault.Unavailable,
        _ => null,
    };
}
