using System.Net;
using System.Net.Http.Json;
using ControlPlane.TestKit.Databases;
using Microsoft.Data.Sqlite;

namespace ControlPlane.Api.Tests.Databases;

/// <summary>The embedded database where another process holds its lock, and where its disk is full.</summary>
public sealed class SqliteFaultTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task While_another_process_holds_the_lock_writes_are_refused_soon_and_reads_go_on()
    {
        await using var server = await TestServer.StartAsync();
        using var admin = server.Administrator();
        await using var other = new SqliteConnection($"Data Source={Path.Combine(server.Database.DataDirectory, "controlplane.db")};Pooling=false");
        await other.OpenAsync(Cancellation);
        await RunAsync(other, "begin immediate");

        var writes = Enumerable.Range(0, 4).Select(n => PostgresFaultTests.AskAsync(() => admin.PostAsJsonAsync("/api/v1/teams", new { name = $"locked-{n}" }, Cancellation))).ToList();
        (await PostgresFaultTests.AskAsync(() => admin.GetAsync("/api/v1/tokens", Cancellation))).ShouldBe(HttpStatusCode.OK, TimeSpan.FromSeconds(3));
        var ready = await PostgresFaultTests.AskAsync(() => server.Anonymous.GetAsync("/healthz/ready", Cancellation));
        var answers = await Task.WhenAll(writes);
        // Now the server knows.
        var later = await PostgresFaultTests.AskAsync(() => admin.PostAsJsonAsync("/api/v1/teams", new { name = "locked-later" }, Cancellation));
        var read = await PostgresFaultTests.AskAsync(() => admin.GetAsync("/api/v1/tokens", Cancellation));
        await RunAsync(other, "rollback");

        later.ShouldBe(HttpStatusCode.ServiceUnavailable, TimeSpan.FromSeconds(3));
        read.ShouldBe(HttpStatusCode.OK, TimeSpan.FromSeconds(3));

        ready.ShouldBe(HttpStatusCode.ServiceUnavailable, TimeSpan.FromSeconds(3.5));
        ready.Body.ShouldBe("""{"status":"database"}""");
        foreach (var answer in answers)
        {
            answer.ShouldBe(HttpStatusCode.ServiceUnavailable, TimeSpan.FromSeconds(8));
            answer.RetryAfter.ShouldNotBeNull();
        }

        await PostgresFaultTests.UntilAsync(async () => (await admin.PostAsJsonAsync("/api/v1/teams", new { name = $"free-{Guid.NewGuid():n}" }, Cancellation)).StatusCode == HttpStatusCode.Created);
        (await server.Anonymous.GetAsync("/healthz/ready", Cancellation)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_full_disk_refuses_writes_with_the_cause_and_is_over_when_there_is_room()
    {
        Assert.SkipUnless(Environment.UserName == "root", "Mounting needs root.");
        await using var disk = await SmallDisk.MountAsync("8m", owner: null);
        var directory = Directory.CreateDirectory(Path.Combine(disk.Path, "data")).FullName;
        await using var server = await TestServer.StartAsync(database: TestDatabase.Of("SQLITE", directory));
        using var admin = server.Administrator();
        var filler = Path.Combine(disk.Path, "filler");
        await FillAsync(filler);

        var answer = await PostgresFaultTests.UntilRefusedAsync(admin);

        answer.ShouldBe(HttpStatusCode.ServiceUnavailable, TimeSpan.FromSeconds(8));
        answer.Body.Contains("\"database.full\"", StringComparison.Ordinal).ShouldBeTrue(answer.Body);
        answer.RetryAfter.ShouldBe(TimeSpan.FromSeconds(30));
        var read = await admin.GetAsync("/api/v1/tokens", Cancellation);
        read.StatusCode.ShouldBe(HttpStatusCode.OK, await read.Content.ReadAsStringAsync(Cancellation));
        File.Delete(filler);
        await PostgresFaultTests.UntilAsync(async () => (await admin.PostAsJsonAsync("/api/v1/teams", new { name = $"room-{Guid.NewGuid():n}" }, Cancellation)).StatusCode == HttpStatusCode.Created);
    }

    private static async Task FillAsync(string file)
    {
        await using var stream = new FileStream(file, FileMode.CreateNew);
        var block = new byte[4096];
        try
        {
            while (stream.Length < 16 * 1024 * 1024)
            {
                await stream.WriteAsync(block, Cancellation);
                await stream.FlushAsync(Cancellation);
            }
        }
        catch (IOException)
        {
            // Full.
        }
    }

    private static async Task RunAsync(SqliteConnection connection, string sql)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync(Cancellation);
    }
}
