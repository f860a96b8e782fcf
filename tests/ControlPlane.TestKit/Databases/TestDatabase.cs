using ControlPlane.Core.Data;
using ControlPlane.Core.Postgres;
using ControlPlane.Core.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace ControlPlane.TestKit.Databases;

/// <summary>The databases that data tests run on.</summary>
public enum DatabaseKind
{
    Sqlite,
    Postgres,
}

/// <summary>An empty database for one test.</summary>
public sealed class TestDatabase : IDbContextFactory<ControlPlaneDb>, IDisposable
{
    private readonly DbContextOptions<ControlPlaneDb> _options;

    private TestDatabase(DatabaseKind kind, string directory, string connection)
    {
        Kind = kind;
        DataDirectory = directory;
        Connection = connection;
        var options = new DbContextOptionsBuilder<ControlPlaneDb>();
        if (kind == DatabaseKind.Sqlite)
        {
            SqliteProvider.Configure(options, Path.Combine(directory, "controlplane.db"));
        }
        else
        {
            PostgresProvider.Configure(options, connection);
        }

        _options = options.Options;
    }

    public DatabaseKind Kind { get; }

    /// <summary>A directory of the test's own.</summary>
    public string DataDirectory { get; }

    /// <summary>Value for <c>Database:Connection</c>.</summary>
    public string Connection { get; }

    /// <summary>Not migrated.</summary>
    public static async Task<TestDatabase> CreateEmptyAsync(DatabaseKind kind)
    {
        var connection = kind == DatabaseKind.Sqlite ? "SQLITE" : await (await PostgresServer.GetAsync()).CreateDatabaseAsync();
        return new TestDatabase(kind, Directory.CreateTempSubdirectory("controlplane-test-").FullName, connection);
    }

    /// <summary>Of a PostgreSQL of the test's own, and with a given data directory if the test has one.</summary>
    public static TestDatabase Of(string connection, string? dataDirectory = null) => new(
        connection == "SQLITE" ? DatabaseKind.Sqlite : DatabaseKind.Postgres, dataDirectory ?? Directory.CreateTempSubdirectory("controlplane-test-").FullName, connection);

    /// <summary>With the current schema.</summary>
    public static async Task<TestDatabase> CreateAsync(DatabaseKind kind)
    {
        var database = await CreateEmptyAsync(kind);
        await using var db = database.CreateDbContext();
        if (kind == DatabaseKind.Sqlite)
        {
            await SqliteProvider.PrepareAsync(db, CancellationToken.None);
        }

        await db.Database.MigrateAsync();
        return database;
    }

    public ControlPlaneDb CreateDbContext() => new(_options);

    public void Dispose()
    {
        if (Kind == DatabaseKind.Sqlite)
        {
            Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        }
        else
        {
            // Each database has its pool: together they would use up the server's connections.
            using var connection = new Npgsql.NpgsqlConnection(Connection);
            Npgsql.NpgsqlConnection.ClearPool(connection);
        }

        Directory.Delete(DataDirectory, recursive: true);
    }
}
