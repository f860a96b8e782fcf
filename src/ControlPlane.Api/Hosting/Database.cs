using ControlPlane.Core.Data;
using ControlPlane.Core.Data.Faults;
using ControlPlane.Core.Options;
using ControlPlane.Core.Postgres;
using ControlPlane.Core.Postgres.Start;
using ControlPlane.Core.Sqlite;
using ControlPlane.Core.Sqlite.Start;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.Options;

namespace ControlPlane.Api.Hosting;

/// <summary>SQLite in the data directory, or PostgreSQL by one setting.</summary>
internal static class Database
{
    public static void AddDatabase(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton(services => new DatabasePlace(
            services.GetRequiredService<IOptions<DatabaseOptions>>().Value, services.GetRequiredService<IOptions<ServerOptions>>().Value.DataDirectory));
        builder.Services.AddSingleton(services =>
        {
            var place = services.GetRequiredService<DatabasePlace>();
            return new DatabaseWatch(place.Judge, place.ProbeAsync, readersWait: !place.IsSqlite, services.GetRequiredService<TimeProvider>());
        });
        builder.Services.AddPooledDbContextFactory<ControlPlaneDb>((services, options) =>
        {
            // First: the provider's translation of faults throws.
            options.AddInterceptors(services.GetRequiredService<DatabaseWatch>());
            services.GetRequiredService<DatabasePlace>().Configure(options);
            // Their texts hold values, and the surfaces report failures themselves.
            options.ConfigureWarnings(warnings => warnings.Ignore(CoreEventId.SaveChangesFailed, CoreEventId.QueryIterationFailed, RelationalEventId.CommandError));
        });
    }
}

/// <summary>Where the database of this server is.</summary>
internal sealed class DatabasePlace
{
    public const string FileName = "controlplane.db";

    // Each command that a hung PostgreSQL does not answer blocks a thread for the driver's cancel request, each that waits for SQLite's
    // lock one for that; the pool adds threads one a second only, and everybody else would wait with them.
    private const int BlockedAtOnce = 32;

    private readonly string? _connection;

    public DatabasePlace(DatabaseOptions options, string dataDirectory)
    {
        _connection = options.IsSqlite ? null : DatabaseSettings.Connection(options);
        File = Path.Combine(dataDirectory, FileName);
    }

    /// <summary>Of the embedded one.</summary>
    public string File { get; }

    public bool IsSqlite => _connection is null;

    public void Configure(DbContextOptionsBuilder options)
    {
        if (_connection is null)
        {
            SqliteProvider.Configure(options, File);
        }
        else
        {
            PostgresProvider.Configure(options, _connection);
        }
    }

    /// <summary>Makes or updates the tables, or says in one sentence why that cannot be.</summary>
    public async Task MigrateAsync(CancellationToken cancellationToken)
    {
        await CheckAsync(cancellationToken);
        await (_connection is null ? SqliteStart.MigrateAsync(File, cancellationToken) : PostgresStart.MigrateAsync(_connection, cancellationToken));
        ThreadPool.GetMinThreads(out var workers, out var completions);
        ThreadPool.SetMinThreads(Math.Max(workers, BlockedAtOnce), completions);
    }

    /// <summary>Is it there, and one that we can use? Changes nothing.</summary>
    public Task CheckAsync(CancellationToken cancellationToken) => _connection is null ? Task.CompletedTask : PostgresStart.CheckAsync(_connection, cancellationToken);

    public Task ProbeAsync(CancellationToken cancellationToken) =>
        _connection is null ? SqliteProvider.ProbeAsync(File, cancellationToken) : PostgresProvider.ProbeAsync(_connection, cancellationToken);

    public DatabaseFault? Judge(Exception error) => _connection is null ? SqliteFaults.Judge(error) : PostgresFaults.Judge(error);
}
