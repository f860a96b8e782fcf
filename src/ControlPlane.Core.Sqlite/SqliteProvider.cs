using ControlPlane.Core.Data;
using ControlPlane.Core.Data.Faults;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace ControlPlane.Core.Sqlite;

/// <summary>Sets the embedded database up.</summary>
public static class SqliteProvider
{
    private static readonly FaultTranslation Translation = new(SqliteFaults.Judge);

    /// <summary>Uses the file at <paramref name="path"/>.</summary>
    public static void Configure(DbContextOptionsBuilder options, string path)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.AddInterceptors(SqliteBusyTimeout.Instance, Translation);
        options.UseSqlite(Settings(path).ToString(), sqlite => sqlite.MigrationsAssembly(typeof(SqliteProvider).Assembly.GetName().Name));
    }

    /// <summary>Makes readers independent of the writer; the mode is kept in the file. Every commit is flushed (<c>synchronous=FULL</c> is the default).</summary>
    public static async Task PrepareAsync(ControlPlaneDb db, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        KeepPrivate(db.Database.GetDbConnection().DataSource);
        await db.Database.ExecuteSqlRawAsync("PRAGMA journal_mode=WAL;", cancellationToken);
    }

    /// <summary>Can it be written? Fails after half a second where another process holds the lock.</summary>
    public static async Task ProbeAsync(string path, CancellationToken cancellationToken)
    {
        var settings = Settings(path);
        settings.Mode = SqliteOpenMode.ReadWrite;
        settings.Pooling = false;
        settings.DefaultTimeout = 1;
        await using var connection = new SqliteConnection(settings.ToString());
        await connection.OpenAsync(cancellationToken);
        await using var command = connection.CreateCommand();
        // Above the driver's limit of a second minus its pauses; nothing is written, so nothing is flushed.
        command.CommandText = "PRAGMA busy_timeout=500; BEGIN IMMEDIATE; ROLLBACK;";
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    internal static SqliteConnectionStringBuilder Settings(string path) => new()
    {
        DataSource = path,
        // Writers queue on the one write lock instead of failing.
        DefaultTimeout = SqliteBusyTimeout.DriverSeconds,
        ForeignKeys = true,
        Pooling = true,
    };

    /// <summary>It holds hashes of passwords and tokens: the owner's only. SQLite gives the files beside it the same mode.</summary>
    private static void KeepPrivate(string path)
    {
        const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        using (new FileStream(path, new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.ReadWrite, UnixCreateMode = Owner }))
        {
            File.SetUnixFileMode(path, Owner);
        }
    }
}

/// <summary>For the migrations tool only.</summary>
internal sealed class SqliteDesignTimeFactory : IDesignTimeDbContextFactory<ControlPlaneDb>
{
    public ControlPlaneDb CreateDbContext(string[] args)
    {
        var options = new DbContextOptionsBuilder<ControlPlaneDb>();
        SqliteProvider.Configure(options, "design-time.db");
        return new ControlPlaneDb(options.Options);
    }
}
