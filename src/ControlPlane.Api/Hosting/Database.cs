using ControlPlane.Core.Data;
using ControlPlane.Core.Options;
using ControlPlane.Core.Postgres;
using ControlPlane.Core.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.Options;

namespace ControlPlane.Api.Hosting;

/// <summary>SQLite in the data directory, or PostgreSQL by one setting.</summary>
internal static class Database
{
    public static void AddDatabase(this WebApplicationBuilder builder) =>
        builder.Services.AddPooledDbContextFactory<ControlPlaneDb>((services, options) =>
        {
            var database = services.GetRequiredService<IOptions<DatabaseOptions>>().Value;
            if (database.IsSqlite)
            {
                SqliteProvider.Configure(options, Path.Combine(services.GetRequiredService<IOptions<ServerOptions>>().Value.DataDirectory, "controlplane.db"));
            }
            else
            {
                PostgresProvider.Configure(options, DatabaseSettings.Connection(database));
            }

            // Their texts hold values, and the surfaces report failures themselves.
            options.ConfigureWarnings(warnings => warnings.Ignore(CoreEventId.SaveChangesFailed, CoreEventId.QueryIterationFailed, RelationalEventId.CommandError));
        });

    public static async Task MigrateAsync(ControlPlaneDb db, DatabaseOptions options, CancellationToken cancellationToken)
    {
        if (options.IsSqlite)
        {
            await SqliteProvider.PrepareAsync(db, cancellationToken);
        }

        await db.Database.MigrateAsync(cancellationToken);
    }
}
