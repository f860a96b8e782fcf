using System.Net;
using ControlPlane.Contracts.Agents;
using ControlPlane.Core.Nodes.Joining;
using ControlPlane.Core.Options;
using ControlPlane.TestKit.Databases;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace ControlPlane.Api.Tests.Agents;

public sealed class JoinTokenFileTests : IAsyncLifetime
{
    private readonly string _directory = Directory.CreateTempSubdirectory("join-").FullName;
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private AgentDoorHost? _host;

    private AgentDoorHost Host => _host!;

    private string TokenFile => Path.Combine(_directory, "token");

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (_host is not null)
        {
            await _host.DisposeAsync();
        }

        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task A_token_for_one_node_is_there_after_the_start_and_others_may_read_it()
    {
        await StartAsync();
        var token = await TokenAsync();

        File.GetUnixFileMode(TokenFile).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        Directory.GetFiles(_directory).ShouldBe([TokenFile]);
        token.KeyDigest.ShouldBe(AgentDoorHost.KeyDigest);
        await using var db = await Host.OpenDatabaseAsync();
        var row = await db.JoinTokens.SingleAsync();
        (row.Id, row.MaxUses, row.Uses, row.ExpiresAt - row.CreatedAt).ShouldBe((token.Id, 1, 0, TimeSpan.FromDays(1)));
        var entry = await db.Audit.SingleAsync(a => a.Action == "join_tokens.create");
        (entry.ActorName, entry.RequestId).ShouldBe(("system", "join-token-file"));
    }

    [Fact]
    public async Task A_used_token_is_replaced_at_once()
    {
        await StartAsync();
        var first = await TokenAsync();
        await using var agent = new SimulatedAgent(Host.Http);

        await agent.JoinAsync(first.ToString());

        var second = await TokenAsync(not: first);
        await using var other = new SimulatedAgent(Host.Http, "host-2");
        (await other.JoinAsync(second.ToString())).Name.ShouldBe("host-2");
        await TokenAsync(not: second);
    }

    [Fact]
    public async Task A_revoked_token_is_replaced_at_the_next_look()
    {
        await StartAsync();
        var first = await TokenAsync();
        await Host.Get<JoinTokenService>().RevokeAsync(AgentDoorHost.Admin, first.Id, CancellationToken.None);

        await TokenAsync(not: first, look: true);
    }

    [Fact]
    public async Task A_file_that_was_deleted_is_written_again_with_another_token()
    {
        await StartAsync();
        var first = await TokenAsync();
        File.Delete(TokenFile);

        await TokenAsync(not: first, look: true);
    }

    [Fact]
    public async Task A_token_is_renewed_before_it_expires_and_the_old_one_is_revoked()
    {
        await StartAsync();
        var first = await TokenAsync();

        _clock.Advance(TimeSpan.FromHours(23.5));

        var second = await TokenAsync(not: first, look: true);
        await using var agent = new SimulatedAgent(Host.Http);
        (await agent.TryJoinAsync(first.ToString())).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        await agent.JoinAsync(second.ToString());
    }

    [Fact]
    public async Task A_valid_token_stays_over_a_restart()
    {
        var database = await TestDatabase.CreateEmptyAsync(DatabaseKind.Sqlite);
        var before = await TestServer.StartAsync(database: database, settings: ["--join-token-file", TokenFile]);
        var first = await TokenAsync();
        await before.StopAsync();

        await using var after = await TestServer.StartAsync(database: database, settings: ["--join-token-file", TokenFile]);
        await AgentDoorHost.UntilAsync(() => after.Log.Lines.Any(line => line.Contains($"Join token {first.Id} in {TokenFile} is still good", StringComparison.Ordinal)));

        (await TokenAsync()).ShouldBe(first);
        await using var db = database.CreateDbContext();
        (await db.JoinTokens.CountAsync(TestContext.Current.CancellationToken)).ShouldBe(1);
    }

    [Theory]
    [InlineData("")]
    [InlineData("something else")]
    public async Task A_file_that_holds_no_token_of_ours_is_replaced(string text)
    {
        await File.WriteAllTextAsync(TokenFile, text);
        await StartAsync();

        await TokenAsync();
    }

    [Fact]
    public async Task A_token_with_the_secret_of_nobody_is_replaced()
    {
        var foreign = JoinToken.Create(AgentDoorHost.KeyDigest);
        await File.WriteAllTextAsync(TokenFile, foreign.ToString());
        await StartAsync();

        await TokenAsync(not: foreign);
    }

    [Fact]
    public async Task A_file_that_cannot_be_written_leaves_no_valid_token_behind()
    {
        Directory.CreateDirectory(TokenFile);
        await StartAsync();

        await using var db = await Host.OpenDatabaseAsync();
        await AgentDoorHost.UntilAsync(() => db.JoinTokens.AsNoTracking().Any(token => token.RevokedAt != null));
        (await db.JoinTokens.AsNoTracking().CountAsync(token => token.RevokedAt == null)).ShouldBe(0);

        Directory.Delete(TokenFile);
        await TokenAsync(look: true);
    }

    [Fact]
    public async Task Without_the_setting_no_token_is_made()
    {
        _host = await AgentDoorHost.StartAsync(_clock);
        _clock.Advance(TimeSpan.FromMinutes(5));

        await using var db = await Host.OpenDatabaseAsync();
        (await db.JoinTokens.CountAsync()).ShouldBe(0);
    }

    [Fact]
    public void A_directory_that_does_not_exist_is_told_at_the_start()
    {
        var problem = new ServerOptionsValidator().Validate(null, new ServerOptions { DataDirectory = _directory, JoinTokenFile = "/nowhere/token" });

        problem.FailureMessage.ShouldNotBeNull().ShouldContain("Server:JoinTokenFile");
        problem.FailureMessage.ShouldContain("/nowhere");
        new ServerOptionsValidator().Validate(null, new ServerOptions { DataDirectory = _directory, JoinTokenFile = TokenFile }).Succeeded.ShouldBeTrue();
    }

    [Fact]
    public async Task The_whole_server_keeps_one_and_never_logs_it()
    {
        await using var server = await TestServer.StartAsync(settings: ["--join-token-file", TokenFile]);

        var token = await TokenAsync();

        server.Log.Lines.ShouldNotContain(line => line.Contains(token.Secret, StringComparison.Ordinal));
        server.Log.Lines.ShouldContain(line => line.Contains(token.Id, StringComparison.Ordinal));
    }

    private async Task StartAsync() => _host = await AgentDoorHost.StartAsync(
        _clock, services => services.Configure<ServerOptions>(options => options.JoinTokenFile = TokenFile));

    /// <summary>Waits for a whole token in the file; with looks, for which the clock is moved on.</summary>
    private async Task<JoinToken> TokenAsync(JoinToken? not = null, bool look = false)
    {
        JoinToken? found = null;
        await AgentDoorHost.UntilAsync(() =>
        {
            if (look)
            {
                _clock.Advance(TimeSpan.FromSeconds(20));
            }

            return File.Exists(TokenFile) && JoinToken.TryParse(File.ReadAllText(TokenFile), out found) && found != not;
        });
        return found!;
    }
}
