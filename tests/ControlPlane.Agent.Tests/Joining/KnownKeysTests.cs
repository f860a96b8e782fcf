using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using ControlPlane.Agent.Joining;
using ControlPlane.Agent.Tests.Fakes;
using ControlPlane.Contracts.Agents;
using Microsoft.Extensions.Logging.Abstractions;

namespace ControlPlane.Agent.Tests.Joining;

/// <summary>How a server changes its certificate without losing its agents.</summary>
public sealed class KnownKeysTests
{
    private const string NoEngine = "/nowhere/docker.sock";

    [Fact]
    public async Task An_agent_that_was_told_of_the_next_key_follows_the_server_to_it()
    {
        using var before = new TestAuthority();
        using var after = new TestAuthority();
        using var data = new TempDirectory();
        int port;
        string publicKey;
        await using (var server = await FakeControlPlane.StartAsync(before))
        {
            server.TrustedKeys = [before.KeyDigest, after.KeyDigest];
            port = server.Address.Port;
            await using var first = new RunningAgent(data.Path, NoEngine, server);
            await server.Seen.Until(seen => seen.Heartbeats.Count > 0);
            publicKey = server.PublicKey;
        }

        await using var changed = await FakeControlPlane.StartAsync(after, port: port);
        changed.TrustedKeys = [after.KeyDigest];
        changed.Know(publicKey);
        await using var again = new RunningAgent(data.Path, NoEngine, changed, before.TokenOf());

        await changed.Seen.Until(seen => seen.Heartbeats.Count > 0);

        changed.Joins.ShouldBe(0);
        new IdentityFile(data.Path).Read()!.Keys.ShouldBe([after.KeyDigest], "the key that the server gave up is not trusted any more");
    }

    [Fact]
    public async Task An_agent_that_was_not_told_stays_away_and_sends_nothing()
    {
        using var before = new TestAuthority();
        using var after = new TestAuthority();
        using var data = new TempDirectory();
        int port;
        string publicKey;
        await using (var server = await FakeControlPlane.StartAsync(before))
        {
            port = server.Address.Port;
            await using var first = new RunningAgent(data.Path, NoEngine, server);
            await server.Seen.Until(seen => seen.Heartbeats.Count > 0);
            publicKey = server.PublicKey;
        }

        await using var changed = await FakeControlPlane.StartAsync(after, port: port);
        changed.RefuseChallenge = new AgentRefusal("counted", "only counted");
        changed.Know(publicKey);
        await using (var again = new RunningAgent(data.Path, NoEngine, changed, before.TokenOf()))
        {
            await again.LogHoldsAsync("does not contain the key");
            changed.Seen.Challenges.ShouldBe(0);
        }

        changed.RefuseChallenge = null;
        // The operator vouches for the new key by a new token: the node stays who it is.
        await using var told = new RunningAgent(data.Path, NoEngine, changed);
        await changed.Seen.Until(seen => seen.Heartbeats.Count > 0);
        changed.Joins.ShouldBe(0);
        new IdentityFile(data.Path).Read()!.NodeId.ShouldBe("node-id-1");
    }

    [Fact]
    public void The_key_in_use_stays_when_a_server_names_only_others()
    {
        using var authority = new TestAuthority();
        using var data = new TempDirectory();
        var (keys, trust, file) = Known(authority, data);

        keys.Learn([new string('b', 64)]);

        trust.Keys.ShouldBe([authority.KeyDigest, new string('b', 64)], ignoreOrder: true);
        file.Read()!.Keys.ShouldBe(trust.Keys, ignoreOrder: true);
    }

    [Theory]
    [InlineData("short")]
    [InlineData("")]
    [InlineData("ZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZ")]
    public void What_is_no_digest_changes_nothing(string named)
    {
        using var authority = new TestAuthority();
        using var data = new TempDirectory();
        var (keys, trust, file) = Known(authority, data);

        keys.Learn([named]);
        keys.Learn([]);
        keys.Learn(null);
        keys.Learn([.. Enumerable.Range(0, 17).Select(i => i.ToString("x64", System.Globalization.CultureInfo.InvariantCulture))]);

        trust.Keys.ShouldBe([authority.KeyDigest]);
        file.Read()!.TrustedKeys.ShouldBeNull();
    }

    [Fact]
    public void A_publicly_trusted_chain_counts_only_where_it_was_asked_for()
    {
        using var authority = new TestAuthority();
        using var leaf = authority.Issue();
        using var chain = new X509Chain();
        var trusting = new ServerTrust(JoinToken.PublicTrust, new string('a', 64));
        var pinned = new ServerTrust(new string('a', 64));

        trusting.Accepts(this, leaf, chain, SslPolicyErrors.None).ShouldBeTrue();
        trusting.LastKey.ShouldBe(JoinToken.PublicTrust);
        trusting.Accepts(this, leaf, chain, SslPolicyErrors.RemoteCertificateNameMismatch).ShouldBeFalse();
        trusting.LastProblem!.ShouldContain("not publicly trusted");
        pinned.Accepts(this, leaf, chain, SslPolicyErrors.None).ShouldBeFalse();
    }

    [Fact]
    public void An_identity_of_an_earlier_agent_is_read()
    {
        using var data = new TempDirectory();
        File.WriteAllText(data.Sub("identity.json"), """{"nodeId":"n","name":"node-1","server":"https://host:8443/","keyDigest":"abc","privateKey":"x"}""");

        new IdentityFile(data.Path).Read()!.Keys.ShouldBe(["abc"]);
    }

    private static (KnownKeys Keys, ServerTrust Trust, IdentityFile File) Known(TestAuthority authority, TempDirectory data)
    {
        var identity = new NodeIdentity("node-id-1", "node-1", "https://host:8443/", authority.KeyDigest, "key");
        var file = new IdentityFile(data.Path);
        file.Write(identity);
        var trust = new ServerTrust(identity.Keys);
        using var leaf = authority.Issue();
        using var chain = new X509Chain();
        chain.ChainPolicy.ExtraStore.Add(authority.Sent);
        trust.Accepts(trust, leaf, chain, SslPolicyErrors.RemoteCertificateChainErrors).ShouldBeTrue(trust.LastProblem);
        return (new KnownKeys(file, identity, trust, NullLogger<KnownKeys>.Instance), trust, file);
    }
}
