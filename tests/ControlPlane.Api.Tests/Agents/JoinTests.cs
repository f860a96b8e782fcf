using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using ControlPlane.Contracts.Agents;
using ControlPlane.Core.Access;
using ControlPlane.Core.Nodes;
using ControlPlane.Core.Nodes.Joining;
using ControlPlane.Core.Results;
using ControlPlane.Core.State;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Time.Testing;

namespace ControlPlane.Api.Tests.Agents;

public sealed class JoinTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private AgentDoorHost _host = null!;
    private SimulatedAgent _agent = null!;

    public async ValueTask InitializeAsync()
    {
        _host = await AgentDoorHost.StartAsync(_clock);
        _agent = new SimulatedAgent(_host.Http);
    }

    public async ValueTask DisposeAsync()
    {
        await _agent.DisposeAsync();
        await _host.DisposeAsync();
    }

    [Fact]
    public async Task A_taken_name_gets_a_suffix_and_the_join_is_audited()
    {
        var token = await _host.NewTokenAsync();
        await using var other = new SimulatedAgent(_host.Http);

        (await _agent.JoinAsync(token.Text)).Name.ShouldBe("host-1");
        (await other.JoinAsync(token.Text)).Name.ShouldBe("host-1-2");

        await using var db = await _host.OpenDatabaseAsync();
        (await db.Audit.CountAsync(a => a.Action == "nodes.join" && a.Result == "ok")).ShouldBe(2);
        (await db.JoinTokens.SingleAsync()).Uses.ShouldBe(2);
        _agent.NodeId.Length.ShouldBe(32);
    }

    [Fact]
    public async Task The_same_key_is_the_same_node_and_a_repeated_join_is_no_second_use()
    {
        var token = await _host.NewTokenAsync(uses: 1);
        var first = await _agent.JoinAsync(token.Text);

        var again = await _agent.JoinAsync(token.Text);

        again.NodeId.ShouldBe(first.NodeId);
        _host.State.Current.Nodes.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Of_two_at_once_on_the_last_use_one_gets_in()
    {
        var token = await _host.NewTokenAsync(uses: 1);
        await using var other = new SimulatedAgent(_host.Http, "host-2");

        var answers = await Task.WhenAll(_agent.TryJoinAsync(token.Text), other.TryJoinAsync(token.Text));

        answers.Count(answer => answer.StatusCode == HttpStatusCode.OK).ShouldBe(1);
        var refused = answers.Single(answer => answer.StatusCode != HttpStatusCode.OK);
        (await CodeAsync(refused)).ShouldBe("join_token.used_up");
    }

    [Fact]
    public async Task Every_refusal_has_its_own_code()
    {
        var tokens = _host.Get<JoinTokenService>();
        var revoked = await _host.NewTokenAsync();
        (await tokens.RevokeAsync(AgentDoorHost.Admin, revoked.Token.Id, CancellationToken.None)).IsSuccess.ShouldBeTrue();
        (await CodeAsync(await _agent.TryJoinAsync(revoked.Text))).ShouldBe("join_token.revoked");

        (await CodeAsync(await _agent.TryJoinAsync(JoinToken.Create(AgentDoorHost.KeyDigest).ToString()))).ShouldBe("join_token.unknown");

        var good = await _host.NewTokenAsync();
        JoinToken.TryParse(good.Text, out var parsed).ShouldBeTrue();
        (await CodeAsync(await _agent.TryJoinAsync((parsed! with { Secret = new string('0', 40) }).ToString()))).ShouldBe("join_token.unknown");

        var old = await _host.NewTokenAsync(seconds: 60);
        _clock.Advance(TimeSpan.FromSeconds(61));
        (await CodeAsync(await _agent.TryJoinAsync(old.Text))).ShouldBe("join_token.expired");
        _host.State.Current.Nodes.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_key_that_is_not_p256_is_refused_by_field()
    {
        using var rsa = RSA.Create(2048);
        var token = await _host.NewTokenAsync();

        using var answer = await _agent.TryJoinAsync(token.Text, Convert.ToBase64String(rsa.ExportSubjectPublicKeyInfo()));

        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await answer.Content.ReadAsStringAsync()).ShouldContain("publicKey");
    }

    [Theory]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("""{"tokenId":1}""")]
    public async Task Anything_but_a_join_request_is_a_400(string body)
    {
        using var answer = await _host.Http.PostAsync(AgentProtocol.JoinPath, new StringContent(body));

        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task Missing_fields_are_refused_and_not_an_error_of_the_server()
    {
        using var answer = await _host.Http.PostAsync(AgentProtocol.JoinPath, new StringContent("{}"));
        using var ticket = await _host.Http.PostAsync(AgentProtocol.TicketPath, new StringContent("{}"));
        using var challenge = await _host.Http.PostAsync(AgentProtocol.ChallengePath, new StringContent("{}"));

        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        ticket.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        challenge.StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Failed_joins_of_one_address_are_throttled()
    {
        var unknown = JoinToken.Create(AgentDoorHost.KeyDigest).ToString();
        for (var i = 0; i < 20; i++)
        {
            (await _agent.TryJoinAsync(unknown)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        }

        (await _agent.TryJoinAsync(unknown)).StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);

        _clock.Advance(TimeSpan.FromMinutes(2));
        (await _agent.TryJoinAsync(unknown)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task A_nonce_is_good_once_and_for_thirty_seconds_and_for_its_node()
    {
        await _agent.JoinAsync((await _host.NewTokenAsync()).Text);
        var nonce = await _agent.ChallengeAsync();
        (await _agent.TryTicketAsync(nonce)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await CodeAsync(await _agent.TryTicketAsync(nonce))).ShouldBe("challenge.invalid");

        var late = await _agent.ChallengeAsync();
        _clock.Advance(TimeSpan.FromSeconds(31));
        (await CodeAsync(await _agent.TryTicketAsync(late))).ShouldBe("challenge.invalid");

        using var foreign = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        (await CodeAsync(await _agent.TryTicketAsync(await _agent.ChallengeAsync(), foreign))).ShouldBe("signature.invalid");

        await using var other = new SimulatedAgent(_host.Http, "host-2");
        await other.JoinAsync((await _host.NewTokenAsync()).Text);
        (await CodeAsync(await other.TryTicketAsync(await _agent.ChallengeAsync()))).ShouldBe("challenge.invalid");
        (await CodeAsync(await other.TryTicketAsync(await _agent.ChallengeAsync(), nodeId: _agent.NodeId))).ShouldBe("signature.invalid");
    }

    [Fact]
    public async Task A_ticket_opens_one_session()
    {
        await _agent.JoinAsync((await _host.NewTokenAsync()).Text);
        var ticket = await _agent.TicketAsync();
        await using var first = await _agent.DialAsync(ticket);

        var second = await Should.ThrowAsync<Exception>(() => _agent.DialAsync(ticket));

        second.Message.ShouldContain("401");
    }

    [Fact]
    public async Task A_node_that_waits_for_approval_gets_in_only_afterwards()
    {
        var joined = await _agent.JoinAsync((await _host.NewTokenAsync(requireApproval: true)).Text);
        joined.Approved.ShouldBeFalse();
        _host.State.Current.Node(_agent.NodeId)!.State.ShouldBe(NodeState.Pending);
        using var early = await _host.Http.PostAsJsonAsync(AgentProtocol.ChallengePath, new ChallengeRequest(_agent.NodeId), AgentJson.Default.ChallengeRequest);
        early.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await CodeAsync(early)).ShouldBe("node.not_approved");

        (await _host.Get<NodeService>().ApproveAsync(AgentDoorHost.Admin, _agent.NodeId, CancellationToken.None)).IsSuccess.ShouldBeTrue();

        await _agent.ConnectAsync();
        await _agent.ReportAsync();
        _host.State.Current.Node(_agent.NodeId)!.State.ShouldBe(NodeState.Ready);
    }

    [Fact]
    public async Task Token_fields_are_all_checked_at_once_and_strangers_are_refused()
    {
        var tokens = _host.Get<JoinTokenService>();
        var bad = new NewJoinToken
        {
            ExpiresInSeconds = 1,
            Uses = 0,
            Labels = new Dictionary<string, string> { ["controlplane.id"] = "x", ["bad key"] = "y" },
        };

        var invalid = (await tokens.CreateAsync(AgentDoorHost.Admin, bad, CancellationToken.None)).Error.ShouldBeOfType<InvalidError>();
        invalid.Fields.Select(field => field.Field).ShouldBe(["expiresInSeconds", "uses", "labels.controlplane.id", "labels.bad key"], ignoreOrder: true);

        var nobody = Caller.Anonymous("r", "10.0.0.1");
        (await tokens.CreateAsync(nobody, new NewJoinToken(), CancellationToken.None)).Error.ShouldBeOfType<UnauthenticatedError>();
        (await tokens.ListAsync(nobody, CancellationToken.None)).Error.ShouldBeOfType<UnauthenticatedError>();
        (await tokens.RevokeAsync(AgentDoorHost.Admin, "nope", CancellationToken.None)).Error.ShouldBeOfType<NotFoundError>();
        await using var db = await _host.OpenDatabaseAsync();
        (await db.JoinTokens.CountAsync()).ShouldBe(0);
    }

    private static async Task<string> CodeAsync(HttpResponseMessage answer) =>
        (await answer.Content.ReadFromJsonAsync(AgentJson.Default.AgentRefusal))!.Code;
}
