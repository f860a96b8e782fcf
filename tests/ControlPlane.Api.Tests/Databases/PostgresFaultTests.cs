using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using ControlPlane.TestKit.Databases;
using Npgsql;

namespace ControlPlane.Api.Tests.Databases;

/// <summary>A server on a PostgreSQL of its own that hangs, is restarted or is full.</summary>
public sealed class PostgresFaultTests : IAsyncLifetime
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(8);

    private PostgresServer? _postgres;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private PostgresServer Postgres => _postgres!;

    public async ValueTask InitializeAsync()
    {
        Assert.SkipUnless(PostgresServer.IsInstalled, "PostgreSQL 15 is not installed.");
        _postgres = await PostgresServer.StartPrivateAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_postgres is not null)
        {
            await _postgres.DisposeAsync();
        }
    }

    [Fact]
    public async Task While_the_database_hangs_every_door_answers_503_soon_and_lists_go_on()
    {
        await using var server = await StartAsync();
        using var admin = server.Administrator();
        using var browser = await server.BrowserAsync();
        // Not known from before: the door has to ask.
        using var stranger = server.WithToken((await (await admin.PostAsJsonAsync("/api/v1/tokens", new { name = "fresh" }, Cancellation)).JsonAsync()).GetProperty("token").GetString()!);
        (await admin.GetAsync("/api/v1/nodes", Cancellation)).StatusCode.ShouldBe(HttpStatusCode.OK);
        await Postgres.FreezeAsync();

        var asked = new[]
        {
            AskAsync(() => admin.PostAsJsonAsync("/api/v1/teams", new { name = "hung" }, Cancellation)),
            AskAsync(() => admin.SendAsync(WithKey("hung-too"), Cancellation)),
            AskAsync(() => admin.GetAsync("/api/v1/tokens", Cancellation)),
            AskAsync(() => server.Anonymous.PostAsJsonAsync("/api/v1/auth/login", new { name = "admin", password = "nope" }, Cancellation)),
            AskAsync(() => stranger.GetAsync("/v1.41/containers/json", Cancellation)),
            AskAsync(() => browser.SendAsync(Page("/access/tokens"), Cancellation)),
        };
        (await AskAsync(() => admin.GetAsync("/api/v1/nodes", Cancellation))).ShouldBe(HttpStatusCode.OK, TimeSpan.FromSeconds(3));
        (await AskAsync(() => server.Anonymous.GetAsync("/healthz/live", Cancellation))).ShouldBe(HttpStatusCode.OK, TimeSpan.FromSeconds(3));
        var ready = await AskAsync(() => server.Anonymous.GetAsync("/healthz/ready", Cancellation));
        ready.ShouldBe(HttpStatusCode.ServiceUnavailable, TimeSpan.FromSeconds(3.5));
        ready.Body.ShouldBe("""{"status":"database"}""");
        var answers = await Task.WhenAll(asked);
        (await AskAsync(() => admin.PostAsJsonAsync("/api/v1/teams", new { name = "later" }, Cancellation))).ShouldBe(HttpStatusCode.ServiceUnavailable, TimeSpan.FromSeconds(3));
        await Postgres.ThawAsync();

        foreach (var answer in answers)
        {
            answer.ShouldBe(HttpStatusCode.ServiceUnavailable, Limit);
            answer.RetryAfter.ShouldNotBeNull(answer.Body);
        }

        answers[0].Body.ShouldContain("\"database.unavailable\"");
        answers[4].Body.ShouldStartWith("{\"message\":");
        answers[5].Body.ShouldContain("<h1>Not available now</h1>");
        await UntilAsync(async () => (await admin.PostAsJsonAsync("/api/v1/teams", new { name = $"after-{Guid.NewGuid():n}" }, Cancellation)).StatusCode == HttpStatusCode.Created);
        await UntilAsync(async () => (await server.Anonymous.GetAsync("/healthz/ready", Cancellation)).StatusCode == HttpStatusCode.OK);
        server.Log.Lines.ShouldNotContain(line => line.Contains("pgpw", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Sessions_that_hang_are_given_up_and_others_are_opened_while_they_still_hang()
    {
        await using var server = await StartAsync();
        using var admin = server.Administrator();
        (await admin.GetAsync("/api/v1/tokens", Cancellation)).StatusCode.ShouldBe(HttpStatusCode.OK);
        await Postgres.FreezeSessionsAsync("ControlPlane");

        var answer = await AskAsync(() => admin.GetAsync("/api/v1/tokens", Cancellation));

        // Work in the background may have taken all that hang: then this one came by a new session.
        answer.Status.ShouldBeOneOf(HttpStatusCode.ServiceUnavailable, HttpStatusCode.OK);
        answer.Took.ShouldBeLessThan(Limit);
        await UntilAsync(async () => (await admin.GetAsync("/api/v1/tokens", Cancellation)).StatusCode == HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_restart_under_load_costs_503_with_Retry_After_and_no_confirmed_write()
    {
        await using var server = await StartAsync();
        using var admin = server.Administrator();
        var confirmed = new ConcurrentBag<string>();
        var refused = new ConcurrentBag<Answer>();
        using var stop = new CancellationTokenSource();
        var writers = Enumerable.Range(0, 6).Select(writer => Task.Run(
            async () =>
            {
                for (var n = 0; !stop.IsCancellationRequested; n++)
                {
                    var name = $"team-{writer}-{n}";
                    var answer = await AskAsync(() => admin.PostAsJsonAsync("/api/v1/teams", new { name }, Cancellation));
                    if (answer.Status == HttpStatusCode.Created)
                    {
                        confirmed.Add(name);
                    }
                    else
                    {
                        refused.Add(answer);
                    }
                }
            },
            Cancellation)).ToList();

        await UntilAsync(() => Task.FromResult(confirmed.Count > 20));
        await Postgres.RestartAsync();
        var before = confirmed.Count;
        await UntilAsync(() => Task.FromResult(confirmed.Count > before + 20));
        await stop.CancelAsync();
        await Task.WhenAll(writers);

        foreach (var answer in refused)
        {
            answer.ShouldBe(HttpStatusCode.ServiceUnavailable, Limit);
            answer.RetryAfter.ShouldNotBeNull(answer.Body);
        }

        var kept = await TeamsAsync(server.Database.Connection);
        confirmed.Where(name => !kept.Contains(name)).ShouldBeEmpty();
        kept.Count.ShouldBe(kept.Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public async Task A_full_disk_refuses_writes_with_the_cause_and_is_over_when_there_is_room()
    {
        Assert.SkipUnless(Environment.UserName == "root", "Mounting needs root.");
        await using var room = await SmallDisk.MountAsync("24m", "nobody");
        await Postgres.RunSqlAsync($"create tablespace small location '{room.Path}'");
        var connection = await Postgres.CreateDatabaseAsync("tablespace small");
        await using var server = await TestServer.StartAsync(database: TestDatabase.Of(connection));
        using var admin = server.Administrator();
        await Postgres.RunSqlAsync("create table filler(x text); alter table filler alter x set storage external", connection);
        (await Should.ThrowAsync<PostgresException>(() => Postgres.RunSqlAsync("insert into filler select repeat(md5(i::text), 30) from generate_series(1, 100000) i", connection))).SqlState.ShouldBe("53100");

        var answer = await UntilRefusedAsync(admin);

        answer.ShouldBe(HttpStatusCode.ServiceUnavailable, Limit);
        answer.Body.Contains("\"database.full\"", StringComparison.Ordinal).ShouldBeTrue(answer.Body);
        answer.RetryAfter.ShouldBe(TimeSpan.FromSeconds(30));
        (await admin.GetAsync("/api/v1/tokens", Cancellation)).StatusCode.ShouldBe(HttpStatusCode.OK);
        await Postgres.RunSqlAsync("drop table filler", connection);
        await UntilAsync(async () => (await admin.PostAsJsonAsync("/api/v1/teams", new { name = $"room-{Guid.NewGuid():n}" }, Cancellation)).StatusCode == HttpStatusCode.Created);
    }

    internal static async Task<Answer> UntilRefusedAsync(HttpClient admin)
    {
        // Small rows find a place in pages that are there, for a while.
        for (var n = 0; ; n++)
        {
            n.ShouldBeLessThan(2000, "the disk is not full");
            var answer = await AskAsync(() => admin.PostAsJsonAsync("/api/v1/teams", new { name = $"full-{n}" }, Cancellation));
            if (answer.Status != HttpStatusCode.Created)
            {
                return answer;
            }
        }
    }

    internal static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (!await condition())
        {
            await timer.WaitForNextTickAsync(deadline.Token);
        }
    }

    internal static async Task<Answer> AskAsync(Func<Task<HttpResponseMessage>> ask)
    {
        var start = Stopwatch.GetTimestamp();
        using var answer = await ask();
        return new Answer(answer.StatusCode, answer.Headers.RetryAfter?.Delta, await answer.Content.ReadAsStringAsync(Cancellation), Stopwatch.GetElapsedTime(start), answer.RequestMessage!.RequestUri!.AbsolutePath);
    }

    private async Task<TestServer> StartAsync() => await TestServer.StartAsync(database: TestDatabase.Of(await Postgres.CreateDatabaseAsync()));

    private static HttpRequestMessage WithKey(string name) => new(HttpMethod.Post, "/api/v1/teams") { Content = JsonContent.Create(new { name }), Headers = { { "Idempotency-Key", name } } };

    private static HttpRequestMessage Page(string path) => new(HttpMethod.Get, path) { Headers = { { "Accept", "text/html" } } };

    private static async Task<List<string>> TeamsAsync(string connectionString)
    {
        var names = new List<string>();
        await using var connection = new NpgsqlConnection(connectionString + ";Pooling=false");
        await connection.OpenAsync(Cancellation);
        await using var command = new NpgsqlCommand("select \"Name\" from \"Teams\"", connection);
        await using var reader = await command.ExecuteReaderAsync(Cancellation);
        while (await reader.ReadAsync(Cancellation))
        {
            names.Add(reader.GetString(0));
        }

        return names;
    }
}

/// <summary>What a client got, and after how long.</summary>
internal sealed record Answer(HttpStatusCode Status, TimeSpan? RetryAfter, string Body, TimeSpan Took, string Path)
{
    public void ShouldBe(HttpStatusCode status, TimeSpan within)
    {
        Status.ShouldBe(status, $"{Path}: {Body}");
        Took.ShouldBeLessThan(within, Path);
    }
}

/// <summary>A file system of few megabytes.</summary>
internal sealed class SmallDisk(string path) : IAsyncDisposable
{
    public string Path { get; } = path;

    public static async Task<SmallDisk> MountAsync(string size, string? owner)
    {
        var path = Directory.CreateTempSubdirectory("controlplane-disk-").FullName;
        await RunAsync("mount", "-t", "tmpfs", "-o", $"size={size},mode=700", "tmpfs", path);
        if (owner is not null)
        {
            await RunAsync("chown", owner, path);
        }

        return new SmallDisk(path);
    }

    public async ValueTask DisposeAsync()
    {
        // Lazily: whoever has a file open there may end after us.
        await RunAsync("umount", "-l", Path);
        Directory.Delete(Path, recursive: true);
    }

    private static async Task RunAsync(params string[] command)
    {
        using var process = Process.Start(command[0], command[1..]);
        await process.WaitForExitAsync(CancellationToken.None);
        process.ExitCode.ShouldBe(0, string.Join(' ', command));
    }
}
