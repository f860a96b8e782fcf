using System.Data.Common;
using ControlPlane.Core.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;
using Npgsql;

namespace ControlPlane.Core.Postgres;

/// <summary>Sets PostgreSQL up.</summary>
public static class PostgresProvider
{
    /// <summary>Uses the given Npgsql connection string; adds deadlines where it names none.</summary>
    public static void Configure(DbContextOptionsBuilder options, string connectionString)
    {
        ArgumentNullException.ThrowIfNull(options);
        var connection = new NpgsqlConnectionStringBuilder(connectionString);
        var given = new DbConnectionStringBuilder { ConnectionString = connectionString };
        SetDefault(given, connection, "Timeout", 5);
        SetDefault(given, connection, "Command Timeout", 5);
        SetDefault(given, connection, "Keepalive", 5);
        // Milliseconds: a hung backend costs command timeout + this.
        SetDefault(given, connection, "Cancellation Timeout", 2000);
        SetDefault(given, connection, "Maximum Pool Size", 20);
        options.UseNpgsql(connection.ToString(), postgres => postgres.MigrationsAssembly(typeof(PostgresProvider).Assembly.GetName().Name));
    }

    private static void SetDefault(DbConnectionStringBuilder given, NpgsqlConnectionStringBuilder connection, string key, object value)
    {
        if (!given.ContainsKey(key))
        {
            connection[key] = value;
        }
    }
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
