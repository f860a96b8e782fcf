using System.Data.Common;
using ControlPlane.Core.Data;
using ControlPlane.Core.Data.Faults;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;
using Npgsql;

namespace ControlPlane.Core.Postgres;

/// <summary>Sets PostgreSQL up.</summary>
public static class PostgresProvider
{
    private static readonly FaultTranslation Translation = new(PostgresFaults.Judge);

    /// <summary>Uses the given Npgsql connection string; adds deadlines where it names none.</summary>
    public static void Configure(DbContextOptionsBuilder options, string connectionString)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.AddInterceptors(Translation);
        options.UseNpgsql(Settings(connectionString).ToString(), postgres => postgres.MigrationsAssembly(typeof(PostgresProvider).Assembly.GetName().Name));
    }

    /// <summary>
    /// The connection string with our deadlines: where the whole server hangs, a command costs its time-out and then, for the driver's
    /// cancel request, the connection's: 6 s together.
    /// </summary>
    public static NpgsqlConnectionStringBuilder Settings(string connectionString)
    {
        var connection = new NpgsqlConnectionStringBuilder(connectionString);
        var given = new DbConnectionStringBuilder { ConnectionString = connectionString };
        SetDefault(given, connection, "Timeout", 2);
        SetDefault(given, connection, "Command Timeout", 4);
        SetDefault(given, connection, "Keepalive", 5);
        // Milliseconds: a hung backend costs command timeout + this.
        SetDefault(given, connection, "Cancellation Timeout", 2000);
        SetDefault(given, connection, "Maximum Pool Size", 20);
        SetDefault(given, connection, "Application Name", "ControlPlane");
        // Otherwise whatever fails while connecting, and a cancel request, is tried twice and takes twice as long.
        SetDefault(given, connection, "GSS Encryption Mode", GssEncryptionMode.Disable);
        return connection;
    }

    /// <summary>Does it answer? By a connection of its own: those of the pool may all hang.</summary>
    public static async Task ProbeAsync(string connectionString, CancellationToken cancellationToken)
    {
        var settings = Settings(connectionString);
        settings.Pooling = false;
        settings.Timeout = 1;
        settings.CommandTimeout = 1;
        try
        {
            await using var connection = new NpgsqlConnection(settings.ToString());
            await connection.OpenAsync(cancellationToken);
            await using var command = new NpgsqlCommand("select 1", connection);
            await command.ExecuteScalarAsync(cancellationToken);
        }
        catch (PostgresException answer) when (answer.SqlState is not (PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown or PostgresErrorCodes.CannotConnectNow))
        {
            // It refuses one more connection: that is an answer, and those of the pool may be well.
        }
    }

    private static void SetDefault(DbConnectionStringBuilder given, NpgsqlConnectionStringBuilder connection, string key, object value)
    {
        // By the name that people read and by that of the property: the driver takes both.
        if (!given.Keys.Cast<string>().Any(name => Same(name, key)))
        {
            connection[key] = value;
        }
    }

    private static bool Same(string name, string key) => string.Equals(Property(name), Property(key), StringComparison.OrdinalIgnoreCase);

    private static string Property(string key) => key.Replace(" ", "", StringComparison.Ordinal).Replace("MaximumPool", "MaxPool", StringComparison.OrdinalIgnoreCase);
}

/// <summary>For the migrations tool only.</summary>
internal sealed class PostgresDesignTimeFactory : IDesignTimeDbContextFactory<ControlPlaneDb>
{
    public ControlPlaneDb CreateDbContext(string[] args)
    {
        var options = new DbContextOptionsBuilder<ControlPlaneDb>();
        PostgresProvider.Configure(options, "Host=localhost;Database=design_time");
        return new ControlPlaneDb(options.Options);
    }
}
