using ControlPlane.Core.Data;
using ControlPlane.Core.Secrets;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace ControlPlane.Core.Sqlite.Start;

/// <summary>What happens with the embedded database before the first request.</summary>
public static class SqliteStart
{
    /// <summary>Makes or updates the file; throws a <see cref="ServerStartException"/> with one sentence when it cannot be used.</summary>
    public static async Task MigrateAsync(string path, CancellationToken cancellationToken)
    {
        var options = new DbContextOptionsBuilder<ControlPlaneDb>();
        SqliteProvider.Configure(options, path);
        await using var db = new ControlPlaneDb(options.Options);
        try
        {
            await SqliteProvider.PrepareAsync(db, cancellationToken);
            if (!await SchemaHistory.IsBehindAsync(db, cancellationToken))
            {
                return;
            }

            await using var turn = TakeTurn(path + ".migrating");
            // Entity Framework's own lock is a row that a killed process leaves behind, and is waited for without end. While the file is
            // ours nobody migrates: such a row is of the dead.
            await db.Database.ExecuteSqlRawAsync("DROP TABLE IF EXISTS \"__EFMigrationsLock\";", cancellationToken);
            await db.Database.MigrateAsync(cancellationToken);
        }
        catch (Exception error) when (Sentence(error, path) is { } sentence)
        {
            throw new ServerStartException(sentence, error);
        }
    }

    internal static string? Sentence(Exception error, string path)
    {
        for (var at = error; at is not null; at = at.InnerException)
        {
            switch (at)
            {
                case SqliteException answer:
                    return SqliteFaults.Sentence(answer, path);
                case ServerStartException:
                    return null;
                case IOException:
                    return $"The database {path} cannot be written: {at.Message} Check whether its file system is mounted read-only.";
                case UnauthorizedAccessException:
                    return $"The database {path} cannot be opened: check the owner and mode of the file and its directory.";
            }
        }

        return null;
    }

    /// <summary>The operating system ends the lock with the process.</summary>
    private static FileStream TakeTurn(string path)
    {
        try
        {
            return new FileStream(path, new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None, Options = FileOptions.DeleteOnClose });
        }
        catch (IOException error)
        {
            throw new ServerStartException("Another process is updating the database: wait until it is done, then start again.", error);
        }
    }
}
