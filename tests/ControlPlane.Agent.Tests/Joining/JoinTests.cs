using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using ControlPlane.Agent.Hosting;
using ControlPlane.Agent.Joining;
using ControlPlane.Agent.Tests.Fakes;
using ControlPlane.Contracts.Agents;

namespace ControlPlane.Agent.Tests.Joining;

public sealed class JoinTests
{
    private const string NoEngine = "/nowhere/docker.sock";

    [Fact]
    public async Task A_server_with_another_key_is_refused_before_the_secret_is_sent()
    {
        using var authority = new TestAuthority();
        using var data = new TempDirectory();
        await using var server = await FakeControlPlane.StartAsync(authority, digest: new string('a', 64));
        await using var agent = new RunningAgent(data.Path, NoEngine, server);

        var refusal = await Should.ThrowAsync<AgentRefusedException>(() => agent.Task.WaitAsync(TimeSpan.FromSeconds(20)));

        refusal.Message.ShouldBe("The server's certificate chain does not contain the key that the join token names; the secret was not sent.");
        server.Joins.ShouldBe(0);
    }

    [Fact]
    public async Task A_server_certificate_for_another_host_is_refused()
    {
        using var authority = new TestAuthority();
        using var data = new TempDirectory();
        await using var server = await FakeControlPlane.StartAsync(authority, authority.Issue(forLoopback: false));
        await using var agent = new RunningAgent(data.Path, NoEngine, server);

        var refusal = await Should.ThrowAsync<AgentRefusedException>(() => agent.Task.WaitAsync(TimeSpan.FromSeconds(20)));

        refusal.Message.ShouldContain("host name");
        server.Joins.ShouldBe(0);
    }

    [Theory]
    [InlineData("1.3.6.1.5.5.7.3.2", false)]
    [InlineData("1.3.6.1.5.5.7.3.1", true)]
    public void A_client_certificate_is_not_a_server(string purpose, bool accepted)
    {
        using var authority = new TestAuthority();
        using var leaf = authority.Issue(purpose);
        using var chain = new X509Chain();
        chain.ChainPolicy.ExtraStore.Add(authority.Sent);
        var trust = new ServerTrust(authority.KeyDigest);

        trust.Accepts(this, leaf, chain, SslPolicyErrors.RemoteCertificateChainErrors).ShouldBe(accepted, trust.LastProblem);
    }

    [Fact]
    public void An_expired_certificate_asks_for_the_clocks()
    {
        using var authority = new TestAuthority();
        using var leaf = authority.Issue(validDays: 0);
        using var chain = new X509Chain();
        chain.ChainPolicy.ExtraStore.Add(authority.Sent);
        var trust = new ServerTrust(authority.KeyDigest);

        trust.Accepts(this, leaf, chain, SslPolicyErrors.RemoteCertificateChainErrors).ShouldBeFalse();

        trust.LastProblem!.ShouldContain("clock");
    }

    [Fact]
    public async Task A_leaf_of_another_authority_beside_the_known_key_is_refused()
    {
        using var known = new TestAuthority();
        using var stranger = new TestAuthority();
        using var data = new TempDirectory();
        await using var server = await FakeControlPlane.StartAsync(known, stranger.Issue());
        await using var agent = new RunningAgent(data.Path, NoEngine, server);

        await Should.ThrowAsync<AgentRefusedException>(() => agent.Task.WaitAsync(TimeSpan.FromSeconds(20)));

        server.Joins.ShouldBe(0);
    }

    [Fact]
    public async Task A_refused_token_ends_the_agent_with_the_servers_reason()
    {
        using var authority = new TestAuthority();
        using var data = new TempDirectory();
        await using var server = await FakeControlPlane.StartAsync(authority);
        server.RefuseJoin = new AgentRefusal("join_token.expired", "The join token expired; make a new one.");
        await using var agent = new RunningAgent(data.Path, NoEngine, server);

        var refusal = await Should.ThrowAsync<AgentRefusedException>(() => agent.Task.WaitAsync(TimeSpan.FromSeconds(20)));

        refusal.Message.ShouldContain("The join token expired");
        refusal.ExitCode.ShouldBe(ExitCode.Refused);
    }

    [Fact]
    public async Task A_node_waits_for_approval_and_connects_once_it_is_given()
    {
        using var authority = new TestAuthority();
        using var data = new TempDirectory();
        await using var server = await FakeControlPlane.StartAsync(authority);
        server.RefuseChallenge = new AgentRefusal("node.not_approved", "The node waits for approval.");
        await using var agent = new RunningAgent(data.Path, NoEngine, server);
        await server.Seen.Until(seen => seen.Challenges > 1);

        server.RefuseChallenge = null;

        var hello = await server.Seen.Until(seen => seen.Hellos.FirstOrDefault());
        hello.Description.ShouldBeNull();
        await server.Seen.Until(seen => seen.Heartbeats.Exists(heartbeat => !heartbeat.EngineUp));
        server.Seen.Reports.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_removed_node_ends_for_good()
    {
        using var authority = new TestAuthority();
        using var data = new TempDirectory();
        await using var server = await FakeControlPlane.StartAsync(authority);
        server.RefuseChallenge = new AgentRefusal("node.removed", "The node was removed.");
        await using var agent = new RunningAgent(data.Path, NoEngine, server);

        var refusal = await Should.ThrowAsync<AgentRefusedException>(() => agent.Task.WaitAsync(TimeSpan.FromSeconds(20)));

        refusal.ExitCode.ShouldBe(ExitCode.Refused);
    }

    [Fact]
    public async Task A_second_start_goes_on_with_the_identity_on_disk()
    {
        using var authority = new TestAuthority();
        using var data = new TempDirectory();
        await using var server = await FakeControlPlane.StartAsync(authority);
        await using (new RunningAgent(data.Path, NoEngine, server))
        {
            await server.Seen.Until(seen => seen.Hellos.Count == 1);
        }

        await using var again = new RunningAgent(data.Path, NoEngine, server);
        await server.Seen.Until(seen => seen.Hellos.Count == 2);

        server.Joins.ShouldBe(1);
        File.GetUnixFileMode(data.Sub("identity.json")).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        new IdentityFile(data.Path).Read()!.NodeId.ShouldBe("node-id-1");
    }

    [Theory]
    [InlineData("cpj_nonsense")]
    [InlineData("hello")]
    public void A_bad_token_text_is_a_usage_error_that_does_not_repeat_it(string token)
    {
        var refusal = Should.Throw<AgentRefusedException>(
            () => AgentCommandLine.Parse(["--data", "/d", "--engine", "unix:///s.sock", "--server", "https://host:8443"], _ => token));

        refusal.ExitCode.ShouldBe(ExitCode.Usage);
        refusal.Message.ShouldNotContain(token);
        refusal.Message.ShouldContain(AgentCommandLine.TokenVariable);
    }

    [Theory]
    [InlineData("--engine", "tcp://1.2.3.4:2375")]
    [InlineData("--server", "http://host")]
    [InlineData("--colour", "blue")]
    public void Arguments_that_make_no_sense_are_usage_errors(string option, string value) =>
        Should.Throw<AgentRefusedException>(() => AgentCommandLine.Parse(["--data", "/d", option, value], _ => null)).ExitCode.ShouldBe(ExitCode.Usage);

    [Fact]
    public async Task Without_identity_and_token_the_agent_says_what_it_needs()
    {
        using var data = new TempDirectory();
        await using var agent = new RunningAgent(data.Path, NoEngine, server: null);

        var refusal = await Should.ThrowAsync<AgentRefusedException>(() => agent.Task.WaitAsync(TimeSpan.FromSeconds(20)));

        refusal.Message.ShouldContain("CONTROLPLANE_JOIN_TOKEN");
    }

    [Fact]
    public void A_data_directory_that_cannot_be_written_is_named() =>
        Should.Throw<AgentRefusedException>(() => new IdentityFile("/proc/nowhere").RequireWritable()).Message.ShouldContain("'/proc/nowhere' cannot be written");
}
