using System.Globalization;
using ControlPlane.Core.Data;
using ControlPlane.Core.Data.Copying;
using ControlPlane.Core.Secrets;
using Microsoft.EntityFrameworkCore;

namespace ControlPlane.Api.Hosting;

/// <summary><c>database copy</c>: from the embedded database to PostgreSQL, while the server is stopped.</summary>
internal static class DatabaseCommands
{
    private const int Ok = 0;
    private const int Failed = 1;
    private const int Usage = 2;
    private const string DryRun = "--dry-run";

    public const string UsageText = """
               ControlPlane.Api database copy --data DIR --to "Host=…" [--to-password-file FILE] [--dry-run]
        """;

    private static readonly Dictionary<string, string> Switches = new(StringComparer.OrdinalIgnoreCase)
    {
        ["--data"] = "Server:DataDirectory",
        ["--to"] = "to",
        ["--to-password-file"] = "to-password-file",
    };

    public static async Task<int> RunAsync(string[] args, TextWriter output, CancellationToken cancellationToken)
    {
        if (args is not ["copy", .. var rest])
        {
            return await RefuseAsync("Say what to do with the database.");
        }

        var configuration = new ConfigurationBuilder().AddEnvironmentVariables("CONTROLPLANE_").AddCommandLine([.. rest.Where(arg => arg != DryRun)], Switches).Build();
        if (configuration["Server:DataDirectory"] is not { Length: > 0 } directory || configuration["to"] is not { Length: > 0 } to)
        {
            return await RefuseAsync("Name the data directory and the target.");
        }

        var target = new DatabaseOptions { Connection = to, PasswordFile = configuration["to-password-file"] };
        if (target.IsSqlite || !to.Contains("Host=", StringComparison.OrdinalIgnoreCase))
        {
            return await RefuseAsync("--to must be a PostgreSQL connection string: \"Host=…;Database=…;Username=…\".");
        }

        if (new DatabaseSettings().Validate(name: null, target).FailureMessage is { } problem)
        {
            return await RefuseAsync(OfTarget(problem));
        }

        return await CopyAsync(Path.GetFullPath(directory), target, rest.Contains(DryRun), output, cancellationToken);
    }

    private static async Task<int> CopyAsync(string directory, DatabaseOptions options, bool dryRun, TextWriter output, CancellationToken cancellationToken)
    {
        var from = new DatabasePlace(new DatabaseOptions(), directory);
        if (!File.Exists(from.File))
        {
            throw new ServerStartException($"There is no database in {directory}.");
        }

        // A server that runs would write on behind us.
        await using var turn = DataDirectory.Lock(directory);
        await using var source = Open(from);
        if (await SchemaHistory.IsBehindAsync(source, cancellationToken))
        {
            throw new ServerStartException("The embedded database is of an older version: start this version's server on it once.");
        }

        var into = await ReadyAsync(options, directory, migrate: !dryRun, cancellationToken);
        if (dryRun)
        {
            await PrintAsync(await DatabaseCopier.CountAsync(source, cancellationToken), output);
            await output.WriteLineAsync("Nothing was copied: this was a dry run. The target can be reached and is a version that can be used.");
            return Ok;
        }

        await using var target = Open(into);
        var copied = await DatabaseCopier.CopyAsync(source, target, cancellationToken);
        if (!copied.IsSuccess)
        {
            await Console.Error.WriteLineAsync(copied.Error.Message);
            return Failed;
        }

        await PrintAsync(copied.Value, output);
        await output.WriteLineAsync(
            $"Copied. Start the server with the new database (Database:Connection, --database) and the same data directory, where server.key is. {from.File} is not used any more: keep it until you have a backup of the new one.");
        return Ok;
    }

    private static async Task<DatabasePlace> ReadyAsync(DatabaseOptions options, string directory, bool migrate, CancellationToken cancellationToken)
    {
        try
        {
            var place = new DatabasePlace(options, directory);
            await (migrate ? place.MigrateAsync(cancellationToken) : place.CheckAsync(cancellationToken));
            return place;
        }
        catch (ServerStartException error)
        {
            throw new ServerStartException(OfTarget(error.Message), error);
        }
    }

    private static ControlPlaneDb Open(DatabasePlace place)
    {
        var options = new DbContextOptionsBuilder<ControlPlaneDb>();
        place.Configure(options);
        return new ControlPlaneDb(options.Options);
    }

    private static async Task PrintAsync(IReadOnlyList<TableCount> tables, TextWriter output)
    {
        foreach (var table in tables)
        {
            await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"  {table.Table,-24}{table.Rows,12}"));
        }

        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{tables.Sum(table => table.Rows)} rows in {tables.Count} tables."));
    }

    private static string OfTarget(string sentence) => sentence
        .Replace("Database:PasswordFile", "--to-password-file", StringComparison.Ordinal)
        .Replace("Database:Connection", "--to", StringComparison.Ordinal);

    private static async Task<int> RefuseAsync(string problem)
    {
        await Console.Error.WriteLineAsync($"{problem}\nusage:\n{UsageText}");
        return Usage;
    }
}
