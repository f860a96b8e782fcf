using System.Diagnostics;
using ControlPlane.Api.Hosting;
using ControlPlane.Core.Data;
using ControlPlane.Core.Secrets;
using ControlPlane.TestKit.Databases;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace ControlPlane.Api.Tests.Databases;

public sealed class SqliteStartTests
{
    private static DatabasePlace Place(TestDatabase database) => new(new DatabaseOptions(), database.DataDirectory);

    [Fact]
    public async Task A_newer_schema_is_refused_by_name()
    {
        using var database = await TestDatabase.CreateAsync(DatabaseKind.Sqlite);
        await using (var db = database.CreateDbContext())
        {
            await db.Database.ExecuteSqlRawAsync("insert into \"__EFMigrationsHistory\" values ('29990101000000_Future', '99.0')");
        }

        (await SentenceAsync(database)).ShouldContain("made by a newer version of this program (it has the migration 29990101000000_Future)");
    }

    [Fact]
    public async Task A_migration_lock_that_a_killed_process_left_does_not_keep_the_next_one_waiting()
    {
        using var database = await TestDatabase.CreateEmptyAsync(DatabaseKind.Sqlite);
        await using (var db = database.CreateDbContext())
        {
            await db.Database.ExecuteSqlRawAsync(
                "create table \"__EFMigrationsLock\" (\"Id\" integer primary key, \"Timestamp\" text not null); insert into \"__EFMigrationsLock\" values (1, '2020-01-01')");
        }

        await Place(database).MigrateAsync(CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);

        await using var migrated = database.CreateDbContext();
        (await migrated.Database.GetPendingMigrationsAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_process_that_is_updating_the_tables_is_told()
    {
        using var database = await TestDatabase.CreateEmptyAsync(DatabaseKind.Sqlite);
        await using var other = new FileStream(Path.Combine(database.DataDirectory, "controlplane.db.migrating"), FileMode.Create, FileAccess.ReadWrite, FileShare.None);

        (await SentenceAsync(database)).ShouldContain("Another process is updating the database");
    }

    [Fact]
    public async Task A_file_that_is_no_database_is_told()
    {
        using var database = await TestDatabase.CreateEmptyAsync(DatabaseKind.Sqlite);
        await File.WriteAllTextAsync(Path.Combine(database.DataDirectory, "controlplane.db"), new string('x', 5000));

        (await SentenceAsync(database)).ShouldContain("is damaged or no database at all");
    }

    [Fact]
    public async Task A_database_that_another_process_keeps_locked_is_told()
    {
        using var database = await TestDatabase.CreateEmptyAsync(DatabaseKind.Sqlite);
        await using var other = new SqliteConnection($"Data Source={Path.Combine(database.DataDirectory, "controlplane.db")};Pooling=false");
        await other.OpenAsync(TestContext.Current.CancellationToken);
        await using (var command = other.CreateCommand())
        {
            command.CommandText = "begin exclusive";
            await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }

        (await SentenceAsync(database)).ShouldContain("is locked by another process");
    }

    [Fact]
    public async Task A_file_system_that_is_mounted_read_only_is_told()
    {
        Assert.SkipUnless(Environment.UserName == "root", "Mounting needs root.");
        using var database = await TestDatabase.CreateEmptyAsync(DatabaseKind.Sqlite);
        var mounted = Path.Combine(database.DataDirectory, "mounted");
        Directory.CreateDirectory(mounted);
        await RunAsync("mount", "--bind", database.DataDirectory, mounted);
        try
        {
            await RunAsync("mount", "-o", "remount,ro,bind", mounted);

            var error = await Should.ThrowAsync<ServerStartException>(() => new DatabasePlace(new DatabaseOptions(), mounted).MigrateAsync(CancellationToken.None));

            error.Message.ShouldContain("read-only");
        }
        finally
        {
            await RunAsync("umount", mounted);
        }
    }

    private static async Task<string> SentenceAsync(TestDatabase database) =>
        (await Should.ThrowAsync<ServerStartException>(() => Place(database).MigrateAsync(CancellationToken.None))).Message;

    private static async Task RunAsync(params string[] command)
    {
        using var process = Process.Start(command[0], command[1..]);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        process.ExitCode.ShouldBe(0, string.Join(' ', command));
    }
}
