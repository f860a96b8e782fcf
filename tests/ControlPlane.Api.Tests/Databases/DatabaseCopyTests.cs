using System.Net;
using System.Net.Http.Json;
using System.Text;
using ControlPlane.Api.Hosting;
using ControlPlane.Core.Audit.Chain;
using ControlPlane.Core.Data;
using ControlPlane.Core.Data.Copying;
using ControlPlane.TestKit.Databases;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace ControlPlane.Api.Tests.Databases;

public sealed class DatabaseCopyTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Everything_is_in_the_new_database_and_the_server_goes_on_with_it()
    {
        using var old = await TestDatabase.CreateEmptyAsync(DatabaseKind.Sqlite);
        var server = await TestServer.StartAsync(database: old);
        var first = server.First!;
        using (var admin = server.Administrator())
        {
            await CreateAsync(admin, "teams", new { name = "ops" });
            await CreateAsync(admin, "users", new { name = "anna" });
            await CreateAsync(admin, "tokens", new { name = "ci" });
            await CreateAsync(admin, "join-tokens", new { name = "rack 7", labels = new { zone = "ä" } });
        }

        await PostgresFaultTests.UntilAsync(async () =>
        {
            await using var db = old.CreateDbContext();
            return await db.AuditSeals.AnyAsync(Cancellation) && !await db.Audit.AnyAsync(entry => entry.Seal == null, Cancellation);
        });
        await server.StopAsync();
        var connection = await EmptyAsync();
        using var output = new StringWriter();

        (await DatabaseCommands.RunAsync(["copy", "--data", old.DataDirectory, "--to", connection], output, Cancellation)).ShouldBe(0);

        output.ToString().ShouldContain("rows in");
        output.ToString().ShouldNotContain("pgpw");
        var copy = TestDatabase.Of(connection, old.DataDirectory);
        await using (var before = old.CreateDbContext())
        await using (var after = copy.CreateDbContext())
        {
            (await RowsAsync(after)).ShouldBe(await RowsAsync(before));
        }

        await using var moved = await TestServer.StartAsync(database: TestDatabase.Of(connection, CopyOf(old.DataDirectory)));
        moved.First.ShouldBeNull();
        using var again = moved.WithToken(first.Token);
        (await again.GetAsync("/api/v1/users", Cancellation)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await moved.Anonymous.PostAsJsonAsync("/api/v1/auth/login", new { name = first.Name, password = first.Password }, Cancellation)).StatusCode.ShouldBe(HttpStatusCode.OK);
        var verified = await moved.Services.GetRequiredService<AuditVerifier>().VerifyAsync(expected: null, Cancellation);
        verified.Intact.ShouldBeTrue(verified.Problem);
        verified.Entries.ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task A_target_that_is_not_empty_is_refused_and_stays_as_it_was()
    {
        using var old = await FilledAsync();
        var connection = await EmptyAsync();
        (await DatabaseCommands.RunAsync(["copy", "--data", old.DataDirectory, "--to", connection], TextWriter.Null, Cancellation)).ShouldBe(0);
        await using var copy = TestDatabase.Of(connection).CreateDbContext();
        var rows = await RowsAsync(copy);

        (await DatabaseCommands.RunAsync(["copy", "--data", old.DataDirectory, "--to", connection], TextWriter.Null, Cancellation)).ShouldBe(1);

        (await RowsAsync(copy)).ShouldBe(rows);
    }

    [Fact]
    public async Task A_dry_run_counts_and_makes_nothing()
    {
        using var old = await FilledAsync();
        var connection = await EmptyAsync();
        using var output = new StringWriter();

        (await DatabaseCommands.RunAsync(["copy", "--data", old.DataDirectory, "--to", connection, "--dry-run"], output, Cancellation)).ShouldBe(0);

        output.ToString().ShouldContain("Nothing was copied: this was a dry run.");
        await using var copy = TestDatabase.Of(connection).CreateDbContext();
        (await copy.Database.GetAppliedMigrationsAsync(Cancellation)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_server_that_runs_on_the_directory_is_not_copied()
    {
        await using var server = await TestServer.StartAsync();

        (await ServerCommandLine.RunAsync(["database", "copy", "--data", server.Database.DataDirectory, "--to", "Host=127.0.0.1;Username=u"])).ShouldBe(1);
    }

    [Theory]
    [InlineData()]
    [InlineData("copy")]
    [InlineData("copy", "--data", "/tmp")]
    [InlineData("copy", "--data", "/tmp", "--to", "SQLITE")]
    [InlineData("copy", "--data", "/tmp", "--to", "Host=db;Nonsense=1")]
    [InlineData("move", "--data", "/tmp", "--to", "Host=db")]
    public async Task Wrong_words_exit_with_2(params string[] words) => (await ServerCommandLine.RunAsync(["database", .. words])).ShouldBe(2);

    [Fact]
    public async Task Every_table_of_the_model_is_copied_after_those_that_it_refers_to()
    {
        using var database = await TestDatabase.CreateAsync(DatabaseKind.Sqlite);
        await using var db = database.CreateDbContext();

        var tables = DatabaseCopier.Tables(db).Select(table => table.ClrType).ToList();

        tables.ShouldBe(db.Model.GetEntityTypes().Select(type => type.ClrType), ignoreOrder: true);
        foreach (var key in db.Model.GetEntityTypes().SelectMany(type => type.GetForeignKeys()).Where(key => key.PrincipalEntityType != key.DeclaringEntityType))
        {
            tables.IndexOf(key.PrincipalEntityType.ClrType).ShouldBeLessThan(tables.IndexOf(key.DeclaringEntityType.ClrType));
        }
    }

    private static async Task<TestDatabase> FilledAsync()
    {
        var database = await TestDatabase.CreateAsync(DatabaseKind.Sqlite);
        await using var db = database.CreateDbContext();
        db.Settings.Add(new SettingEntity { Name = "one", ValueJson = "{}", ChangedBy = "test", ChangedAt = new DateTime(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc) });
        await db.SaveChangesAsync(Cancellation);
        return database;
    }

    private static async Task<string> EmptyAsync()
    {
        Assert.SkipUnless(PostgresServer.IsInstalled, "PostgreSQL 15 is not installed.");
        return await (await PostgresServer.GetAsync()).CreateDatabaseAsync();
    }

    private static async Task CreateAsync(HttpClient client, string what, object body)
    {
        var answer = await client.PostAsJsonAsync($"/api/v1/{what}", body, Cancellation);
        answer.StatusCode.ShouldBe(HttpStatusCode.Created, await answer.Content.ReadAsStringAsync(Cancellation));
    }

    /// <summary>The server deletes the directory that it was given.</summary>
    private static string CopyOf(string directory)
    {
        var copy = Directory.CreateTempSubdirectory("controlplane-test-").FullName;
        foreach (var file in Directory.GetFiles(directory).Where(file => !file.Contains("controlplane.db", StringComparison.Ordinal)))
        {
            File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
        }

        return copy;
    }

    /// <summary>All rows as text, times to the microsecond: PostgreSQL keeps no more.</summary>
    private static async Task<string> RowsAsync(ControlPlaneDb db)
    {
        var rows = new List<string>();
        foreach (var table in DatabaseCopier.Tables(db))
        {
            var all = (IQueryable<object>)typeof(DbContext).GetMethod(nameof(DbContext.Set), [])!.MakeGenericMethod(table.ClrType).Invoke(db, null)!;
            foreach (var row in await all.AsNoTracking().ToListAsync(Cancellation))
            {
                var text = new StringBuilder(table.GetTableName());
                foreach (var property in table.GetProperties())
                {
                    text.Append(' ').Append(property.Name).Append('=').Append(property.GetGetter().GetClrValue(row) switch
                    {
                        DateTime time => (time.Ticks / TimeSpan.TicksPerMicrosecond).ToString(System.Globalization.CultureInfo.InvariantCulture),
                        byte[] bytes => Convert.ToHexString(bytes),
                        var value => value,
                    });
                }

                rows.Add(text.ToString());
            }
        }

        rows.Sort(StringComparer.Ordinal);
        rows.ShouldNotBeEmpty();
        return string.Join('\n', rows);
    }
}
