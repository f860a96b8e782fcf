using System.Data.Common;

namespace ControlPlane.Core.Data.Faults;

/// <summary>Why the database cannot do its work. A clash of rows is none: that is an answer.</summary>
public enum DatabaseFault
{
    /// <summary>It is away, ends, starts, or broke the connection.</summary>
    Unavailable,

    /// <summary>It took longer than the time-out; on SQLite another process holds the lock.</summary>
    Slow,

    /// <summary>Its disk is full: reads go on, writes are refused until there is room.</summary>
    Full,

    /// <summary>It takes no writes: a standby, or a file system that is mounted read-only.</summary>
    ReadOnly,
}

/// <summary>A write failed because of the database and not because of what was written. Whether a commit under way took place is not known.</summary>
public sealed class DatabaseUnavailableException : DbException
{
    public DatabaseUnavailableException()
    {
    }

    public DatabaseUnavailableException(string message) : base(message)
    {
    }

    public DatabaseUnavailableException(string message, Exception innerException) : base(message, innerException)
    {
    }

    public DatabaseUnavailableException(DatabaseFault fault, Exception? innerException) : base(TextOf(fault), innerException) => Fault = fault;

    public DatabaseFault Fault { get; }

    public override bool IsTransient => true;

    private static string TextOf(DatabaseFault fault) => fault switch
    {
        DatabaseFault.Full => "The database has no room left on its disk.",
        DatabaseFault.ReadOnly => "The database takes no writes.",
        DatabaseFault.Slow => "The database does not answer in time.",
        _ => "The database cannot be reached.",
    };
}
