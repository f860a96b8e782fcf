using ControlPlane.Contracts.Agents;
using ControlPlane.Core.State;
using Microsoft.AspNetCore.SignalR;

namespace ControlPlane.Api.Tests.Agents;

public sealed class SessionTests : IAsyncLifetime
{
    private AgentDoorHost _host = null!;
    private SimulatedAgent _agent = null!;

    public async ValueTask InitializeAsync()
    {
        _host = await AgentDoorHost.StartAsync();
        _agent = new SimulatedAgent(_host.Http);
        await _agent.JoinAsync((await _host.NewTokenAsync()).Text);
    }

    public async ValueTask DisposeAsync()
    {
        await _agent.DisposeAsync();
        await _host.DisposeAsync();
    }

    private NodeRecord Node => _host.State.Current.Node(_agent.NodeId)!;

    [Fact]
    public async Task A_host_that_joins_connects_and_reports_is_ready()
    {
        Node.State.ShouldBe(NodeState.Unknown);

        var welcome = await _agent.ConnectAsync();
        await _agent.ReportAsync(SimulatedAgent.Container('1'), SimulatedAgent.Container('2', "exited"));

        welcome.HeartbeatMilliseconds.ShouldBe(3000);
        welcome.NodeName.ShouldBe("host-1");
        Node.State.ShouldBe(NodeState.Ready);
        Node.Synced.ShouldBeTrue();
        Node.Containers.ShouldBe(2);
        Node.Running.ShouldBe(1);
        Node.Labels["zone"].ShouldBe("a");
        _host.State.Current.Container(new string('1', 64))!.Collection.ShouldBe("/Unmanaged");
    }

    [Fact]
    public async Task A_command_comes_back_with_its_result_and_its_container()
    {
        await _agent.ConnectAsync();
        await _agent.ReportAsync(SimulatedAgent.Container('1'));
        _agent.OnCommand = command => new CommandResult
        {
            CommandId = command.Id,
            Outcome = CommandOutcome.Done,
            Container = SimulatedAgent.Container('1', "exited"),
        };

        var result = await _host.Links.RunAsync(
            _agent.NodeId,
            new StopContainer { Id = "c1", DeadlineMilliseconds = 5000, EngineId = new string('1', 64) },
            null,
            CancellationToken.None);

        result.Outcome.ShouldBe(CommandOutcome.Done);
        _agent.Commands.ShouldHaveSingleItem().ShouldBeOfType<StopContainer>();
        _host.State.Current.Container(new string('1', 64))!.State.ShouldBe("exited");
    }

    [Fact]
    public async Task A_command_is_unclear_when_its_session_breaks()
    {
        await _agent.ConnectAsync();
        await _agent.ReportAsync();
        _agent.OnCommand = _ => null;

        var running = _host.Links.RunAsync(
            _agent.NodeId, new PullImage { Id = "c2", DeadlineMilliseconds = 60_000, Reference = "busybox" }, null, CancellationToken.None);
        await AgentDoorHost.UntilAsync(() => !_agent.Commands.IsEmpty);
        await _agent.Hub!.DisposeAsync();
        var result = await running;

        result.Outcome.ShouldBe(CommandOutcome.Unclear);
        result.Code.ShouldBe("session.lost");
    }

    [Fact]
    public async Task A_drifted_digest_asks_for_everything_once()
    {
        await _agent.ConnectAsync();
        await _agent.ReportAsync(SimulatedAgent.Container('1'));

        await _agent.BeatAsync(digest: InventoryDigest.Of(SimulatedAgent.Container('1')));
        _agent.Resyncs.ShouldBe(0);

        await _agent.BeatAsync(digest: 1);
        await _agent.BeatAsync(digest: 1);
        await AgentDoorHost.UntilAsync(() => _agent.Resyncs > 0);
        await _agent.BeatAsync(digest: 1);
        _agent.Resyncs.ShouldBe(1);
    }

    [Fact]
    public async Task An_agent_of_another_protocol_is_told_so()
    {
        await _agent.DialAsync(await _agent.TicketAsync());

        var refused = await Should.ThrowAsync<HubException>(() => _agent.HelloAsync(null, version: 99));

        refused.Message.ShouldContain("agent.protocol_version");
        await AgentDoorHost.UntilAsync(() => !_agent.Ends.IsEmpty);
        _agent.Ends.TryPeek(out var end).ShouldBeTrue();
        end!.Code.ShouldBe("agent.protocol_version");
    }

    [Fact]
    public async Task Nothing_is_taken_before_hello()
    {
        await _agent.DialAsync(await _agent.TicketAsync());

        await Should.ThrowAsync<HubException>(() => _agent.ReportAsync());
    }

    [Fact]
    public async Task A_second_agent_with_the_same_identity_replaces_the_first_and_is_flagged()
    {
        await _agent.ConnectAsync();
        await _agent.ReportAsync();
        await using var copy = new SimulatedAgent(_host.Http) { Key = _agent.Key, NodeId = _agent.NodeId };

        await copy.ConnectAsync();
        await AgentDoorHost.UntilAsync(() => !_agent.Ends.IsEmpty);

        _agent.Ends.TryPeek(out var end).ShouldBeTrue();
        end!.Code.ShouldBe("session.replaced");
        Node.DuplicateIdentity.ShouldBeTrue();
        await AgentDoorHost.UntilAsync(() => _agent.Hub!.State == Microsoft.AspNetCore.SignalR.Client.HubConnectionState.Disconnected);
        _host.Links.Of(_agent.NodeId)!.SessionId.ShouldBe(copy.Welcome!.SessionId);
    }

    [Fact]
    public async Task The_same_agent_that_dials_again_is_not_flagged()
    {
        await _agent.ConnectAsync();
        await _agent.ReportAsync();
        await using var again = new SimulatedAgent(_host.Http) { Key = _agent.Key, NodeId = _agent.NodeId, InstanceId = _agent.InstanceId };

        await again.ConnectAsync();

        Node.DuplicateIdentity.ShouldBeFalse();
        Node.Synced.ShouldBeFalse();
        Node.State.ShouldBe(NodeState.Ready);
    }

    [Fact]
    public async Task An_engine_that_is_away_is_shown_at_once_and_so_is_its_return()
    {
        await _agent.ConnectAsync();
        await _agent.ReportAsync();

        await _agent.BeatAsync(engineUp: false);
        Node.State.ShouldBe(NodeState.EngineDown);

        await _agent.BeatAsync();
        Node.State.ShouldBe(NodeState.Ready);
        Node.Pulse.Last!.CpuPercent.ShouldBe(12.5);
    }
}
