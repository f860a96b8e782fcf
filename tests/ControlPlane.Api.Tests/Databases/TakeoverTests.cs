using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using ControlPlane.Api.Hosting;
using ControlPlane.Core.Audit.Chain;
using ControlPlane.Core.Leadership;
using ControlPlane.TestKit.Databases;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace ControlPlane.Api.Tests.Databases;

/// <summary>A second server on the database of the first.</summary>
public sealed class TakeoverTests
{
    private const string EpochOneEnds = "uses this database since epoch 2; this one has epoch 1 and ends. One server per database.";

    // Two by the watch; the rest is for a machine that is busy with other tests.
    private static readonly TimeSpan Few = TimeSpan.FromSeconds(15);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [DatabaseData]
    public async Task The_program_says_who_has_taken_over_and_ends_with_an_exit_code_of_its_own(DatabaseKind kind)
    {
        using var database = await TestDatabase.CreateAsync(kind);
        using var program = ServerProgram.Start(database);
        await program.StartedAsync();

        await TakeAsync(database);

        (await program.EndedAsync()).ShouldBe(3, program.Output);
        program.Output.ShouldContain(EpochOneEnds);
        program.Output.ShouldNotContain("Unhandled exception");
    }

    [Fact]
    public async Task A_program_that_is_told_to_stop_ends_with_0()
    {
        using var database = await TestDatabase.CreateEmptyAsync(DatabaseKind.Sqlite);
        using var program = ServerProgram.Start(database);
        await program.StartedAsync();

        await program.TerminateAsync();

        (await program.EndedAsync()).ShouldBe(0, program.Output);
        program.Output.ShouldNotContain("Unhandled exception");
    }

    [Fact]
    public async Task A_second_server_takes_over_the_first_ends_within_seconds_and_what_either_confirmed_is_there_once()
    {
        Assert.SkipUnless(PostgresServer.IsInstalled, "PostgreSQL 15 is not installed.");
        using var database = await TestDatabase.CreateEmptyAsync(DatabaseKind.Postgres);
        var first = await TestServer.StartAsync(database: TestDatabase.Of(database.Connection));
        var ending = Ending(first);
        var confirmed = new ConcurrentBag<string>();
        var others = new ConcurrentBag<HttpStatusCode>();
        using var stop = new CancellationTokenSource();
        using var admin = first.Administrator();
        var writing = WriteAsync(admin, "first", confirmed, others, stop.Token);

        await using var second = await TestServer.StartAsync(database: TestDatabase.Of(database.Connection, KeysOf(first.Database.DataDirectory)));
        using var successor = second.WithToken(first.First!.Token);
        var writingToo = WriteAsync(successor, "second", confirmed, others, stop.Token);
        await ending.WaitAsync(Few, Cancellation);
        // As the program does it.
        await first.StopAsync();
        await stop.CancelAsync();
        await Task.WhenAll(writing, writingToo);

        first.Log.Lines.Count(line => line.EndsWith(EpochOneEnds, StringComparison.Ordinal)).ShouldBe(1);
        second.Services.GetRequiredService<LeaderLease>().Epoch.ShouldBe(2);
        second.Services.GetRequiredService<LeaderLease>().IsLost.ShouldBeFalse();
        others.ShouldAllBe(status => status == HttpStatusCode.ServiceUnavailable);
        confirmed.ShouldContain(name => name.StartsWith("first", StringComparison.Ordinal));
        confirmed.ShouldContain(name => name.StartsWith("second", StringComparison.Ordinal));
        await using var db = database.CreateDbContext();
        var kept = await db.Teams.Select(team => team.Name).ToListAsync(Cancellation);
        kept.ShouldBeUnique();
        confirmed.Where(name => !kept.Contains(name)).ShouldBeEmpty();
        // One entry for each, in one chain, whoever sealed it.
        await PostgresFaultTests.UntilAsync(async () => !await db.Audit.AnyAsync(entry => entry.Seal == null, Cancellation));
        (await db.Audit.CountAsync(entry => entry.Action == "teams.create" && entry.Result == "ok", Cancellation)).ShouldBe(kept.Count);
        var verified = await second.Services.GetRequiredService<AuditVerifier>().VerifyAsync(expected: null, Cancellation);
        verified.Intact.ShouldBeTrue(verified.Problem);
        Directory.Delete(first.Database.DataDirectory, recursive: true);
    }

    [Fact]
    public async Task A_second_server_on_the_same_directory_is_refused_and_takes_nothing()
    {
        await using var first = await TestServer.StartAsync();

        (await ServerCommandLine.RunAsync(["--data", first.Database.DataDirectory, "--port", "0", "--docker-port", "0", "--listen", "127.0.0.1"])).ShouldBe(1);

        await using var db = first.Database.CreateDbContext();
        (await db.Leases.SingleAsync(Cancellation)).Epoch.ShouldBe(1);
    }

    [Fact]
    public async Task A_lone_server_outlives_a_database_that_hangs_and_one_that_is_restarted_and_still_sees_a_second_one()
    {
        Assert.SkipUnless(PostgresServer.IsInstalled, "PostgreSQL 15 is not installed.");
        await using var postgres = await PostgresServer.StartPrivateAsync();
        await using var server = await TestServer.StartAsync(database: TestDatabase.Of(await postgres.CreateDatabaseAsync()));
        using var admin = server.Administrator();
        var ending = Ending(server);

        await postgres.FreezeAsync();
        await PostgresFaultTests.UntilAsync(() => Task.FromResult(Failures(server) >= 2));
        await postgres.ThawAsync();
        await ServesAsync(admin);
        await postgres.RestartAsync();
        await ServesAsync(admin);

        ending.IsCompleted.ShouldBeFalse();
        server.Services.GetRequiredService<LeaderLease>().IsLost.ShouldBeFalse();
        await TakeAsync(server.Database);
        await ending.WaitAsync(Few, Cancellation);
        server.Log.Lines.ShouldContain(line => line.EndsWith(EpochOneEnds, StringComparison.Ordinal));
    }

    private static int Failures(TestServer server) => server.Log.Lines.Count(line => line.StartsWith($"The duty {nameof(LeaseWatch)} starts again", StringComparison.Ordinal));

    private static Task ServesAsync(HttpClient admin) => PostgresFaultTests.UntilAsync(
        async () => (await admin.PostAsJsonAsync("/api/v1/teams", new { name = $"team-{Guid.NewGuid():n}" }, Cancellation)).StatusCode == HttpStatusCode.Created);

    private static async Task TakeAsync(TestDatabase database) => await new LeaderLease(database, TimeProvider.System).TakeAsync(Cancellation);

    private static Task Ending(TestServer server)
    {
        var ending = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        server.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.Register(ending.SetResult);
        return ending.Task;
    }

    /// <summary>Until told to stop, or until the server is gone.</summary>
    private static async Task WriteAsync(HttpClient client, string prefix, ConcurrentBag<string> confirmed, ConcurrentBag<HttpStatusCode> others, CancellationToken stop)
    {
        for (var n = 0; !stop.IsCancellationRequested; n++)
        {
            try
            {
                using var answer = await client.PostAsJsonAsync("/api/v1/teams", new { name = $"{prefix}-{n}" }, Cancellation);
                if (answer.StatusCode == HttpStatusCode.Created)
                {
                    confirmed.Add($"{prefix}-{n}");
                }
                else
                {
                    others.Add(answer.StatusCode);
                }
            }
            catch (HttpRequestException)
            {
                return;
            }
        }
    }

    /// <summary>The key of the database and no more: the rest is the first server's.</summary>
    private static string KeysOf(string directory)
    {
        var copy = Directory.CreateTempSubdirectory("controlplane-test-").FullName;
        File.Copy(Path.Combine(directory, "server.key"), Path.Combine(copy, "server.key"));
        return copy;
    }
}
