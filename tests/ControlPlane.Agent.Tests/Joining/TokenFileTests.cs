using ControlPlane.Agent.Hosting;
using ControlPlane.Agent.Joining;
using ControlPlane.Agent.Tests.Fakes;
using ControlPlane.Contracts.Agents;

namespace ControlPlane.Agent.Tests.Joining;

public sealed class TokenFileTests : IDisposable
{
    private const string NoEngine = "/nowhere/docker.sock";

    private readonly TempDirectory _directory = new();
    private readonly TestAuthority _authority = new();

    private string TokenFile => _directory.Sub("token");

    public void Dispose()
    {
        _authority.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public async Task The_agent_waits_for_a_file_that_is_not_there_yet()
    {
        await using var server = await FakeControlPlane.StartAsync(_authority);
        await using var agent = Start(server);
        await LoggedAsync(agent, "Waiting for a join token in " + TokenFile + ": it is not there.");

        await WriteAsync(server.Token.ToString());

        await server.Seen.Until(seen => seen.Hellos.Count == 1);
        server.Joins.ShouldBe(1);
    }

    [Fact]
    public async Task The_agent_waits_while_the_file_is_empty()
    {
        await File.WriteAllTextAsync(TokenFile, "\n", TestContext.Current.CancellationToken);
        await using var server = await FakeControlPlane.StartAsync(_authority);
        await using var agent = Start(server);
        await LoggedAsync(agent, "it is empty");

        await WriteAsync(server.Token.ToString() + "\n");

        await server.Seen.Until(seen => seen.Hellos.Count == 1);
    }

    [Fact]
    public async Task A_token_that_was_used_up_is_tried_once_and_the_next_one_is_taken()
    {
        await using var server = await FakeControlPlane.StartAsync(_authority);
        server.RefuseJoin = new AgentRefusal("join_token.used_up", "The join token has been used.");
        await WriteAsync(JoinToken.Create(_authority.KeyDigest).ToString());
        await using var agent = Start(server);
        await LoggedAsync(agent, "it still holds the token that was refused");
        server.Joins.ShouldBe(1);

        server.RefuseJoin = null;
        await WriteAsync(server.Token.ToString());

        await server.Seen.Until(seen => seen.Hellos.Count == 1);
        server.Joins.ShouldBe(2);
        new IdentityFile(_directory.Sub("data")).Read()!.NodeId.ShouldBe("node-id-1");
    }

    [Fact]
    public async Task A_token_of_another_server_is_not_shown_to_this_one_and_the_next_is_taken()
    {
        await using var server = await FakeControlPlane.StartAsync(_authority);
        await WriteAsync(JoinToken.Create(new string('b', 64)).ToString());
        await using var agent = Start(server);
        await LoggedAsync(agent, "does not contain the key that the join token names");
        server.Joins.ShouldBe(0);

        await WriteAsync(server.Token.ToString());

        await server.Seen.Until(seen => seen.Hellos.Count == 1);
        new IdentityFile(_directory.Sub("data")).Read()!.KeyDigest.ShouldBe(_authority.KeyDigest);
    }

    [Fact]
    public async Task A_refusal_that_another_token_does_not_change_ends_the_agent()
    {
        await using var server = await FakeControlPlane.StartAsync(_authority);
        server.RefuseJoin = new AgentRefusal("validation", "name: not a name");
        await WriteAsync(server.Token.ToString());
        await using var agent = Start(server);

        var refusal = await Should.ThrowAsync<AgentRefusedException>(() => agent.Task.WaitAsync(TimeSpan.FromSeconds(20)));

        refusal.Message.ShouldContain("not a name");
        refusal.ExitCode.ShouldBe(ExitCode.Refused);
    }

    [Fact]
    public async Task A_file_that_holds_something_else_is_a_usage_error_that_does_not_repeat_it()
    {
        await using var server = await FakeControlPlane.StartAsync(_authority);
        await File.WriteAllTextAsync(TokenFile, "cpj_half", TestContext.Current.CancellationToken);
        await using var agent = Start(server);

        var refusal = await Should.ThrowAsync<AgentRefusedException>(() => agent.Task.WaitAsync(TimeSpan.FromSeconds(20)));

        refusal.ExitCode.ShouldBe(ExitCode.Usage);
        refusal.Message.ShouldContain(TokenFile);
        refusal.Message.ShouldNotContain("cpj_half");
    }

    [Fact]
    public async Task A_file_that_cannot_be_read_is_a_usage_error()
    {
        await using var server = await FakeControlPlane.StartAsync(_authority);
        Directory.CreateDirectory(TokenFile);
        await using var agent = Start(server);

        var refusal = await Should.ThrowAsync<AgentRefusedException>(() => agent.Task.WaitAsync(TimeSpan.FromSeconds(20)));

        refusal.ExitCode.ShouldBe(ExitCode.Usage);
        refusal.Message.ShouldContain("cannot be read");
    }

    [Fact]
    public async Task A_node_needs_its_token_file_only_once()
    {
        await using var server = await FakeControlPlane.StartAsync(_authority);
        await WriteAsync(server.Token.ToString());
        await using (Start(server))
        {
            await server.Seen.Until(seen => seen.Hellos.Count == 1);
        }

        File.Delete(TokenFile);
        await using var again = Start(server);

        await server.Seen.Until(seen => seen.Hellos.Count == 2);
        server.Joins.ShouldBe(1);
    }

    [Fact]
    public async Task The_file_of_a_server_that_has_changed_its_key_makes_that_key_trusted()
    {
        await using var server = await FakeControlPlane.StartAsync(_authority);
        await WriteAsync(server.Token.ToString());
        await using (Start(server))
        {
            await server.Seen.Until(seen => seen.Hellos.Count == 1);
        }

        await WriteAsync(JoinToken.Create(new string('b', 64)).ToString());
        await using var again = Start(server);

        await server.Seen.Until(seen => seen.Hellos.Count == 2);
        new IdentityFile(_directory.Sub("data")).Read()!.Keys.ShouldBe([_authority.KeyDigest, new string('b', 64)]);
    }

    [Fact]
    public async Task A_node_that_has_joined_does_not_mind_a_broken_file()
    {
        await using var server = await FakeControlPlane.StartAsync(_authority);
        await WriteAsync(server.Token.ToString());
        await using (Start(server))
        {
            await server.Seen.Until(seen => seen.Hellos.Count == 1);
        }

        await WriteAsync("cpj_half");
        await using var again = Start(server);

        await server.Seen.Until(seen => seen.Hellos.Count == 2);
    }

    [Fact]
    public async Task Waiting_ends_when_the_agent_is_told_to_stop()
    {
        await using var server = await FakeControlPlane.StartAsync(_authority);
        var agent = Start(server);
        await LoggedAsync(agent, "Waiting for a join token");

        await agent.DisposeAsync();

        agent.Task.IsCanceled.ShouldBeTrue();
    }

    [Fact]
    public void The_token_file_goes_before_the_environment()
    {
        var options = AgentCommandLine.Parse(["--data", "/d", "--token-file", "/f"], _ => "cpj_nonsense");

        options.Token.ShouldBeNull();
        options.TokenFile.ShouldBe("/f");
    }

    private RunningAgent Start(FakeControlPlane server) => new(_directory.Sub("data"), NoEngine, server, tokenFile: TokenFile);

    // As the server does it: whole or not at all.
    private async Task WriteAsync(string text)
    {
        await File.WriteAllTextAsync(TokenFile + ".new", text, TestContext.Current.CancellationToken);
        File.Move(TokenFile + ".new", TokenFile, overwrite: true);
    }

    private static async Task LoggedAsync(RunningAgent agent, string text)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!agent.Log.ToString().Contains(text, StringComparison.Ordinal))
        {
            if (agent.Task.IsFaulted)
            {
                await agent.Task;
            }

            await timer.WaitForNextTickAsync(deadline.Token);
        }
    }
}
