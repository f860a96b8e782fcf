using ControlPlane.Contracts.Agents;
using ControlPlane.Core.Containers.Admission;
using ControlPlane.Core.Data;
using ControlPlane.Core.State;

namespace ControlPlane.Api.Tests.Agents;

public sealed class InventoryTests : IAsyncLifetime
{
    private static readonly string Id = new('c', 64);
    private AgentDoorHost _host = null!;
    private SimulatedAgent _agent = null!;
    private SimulatedAgent _other = null!;

    public async ValueTask InitializeAsync()
    {
        _host = await AgentDoorHost.StartAsync();
        var token = await _host.NewTokenAsync();
        _agent = new SimulatedAgent(_host.Http);
        _other = new SimulatedAgent(_host.Http, "host-2");
        await _agent.JoinAsync(token.Text);
        await _other.JoinAsync(token.Text);
        await _agent.ConnectAsync();
        await _other.ConnectAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _agent.DisposeAsync();
        await _other.DisposeAsync();
        await _host.DisposeAsync();
    }

    private ContainerRecord? Record => _host.State.Current.Container(Id);

    [Fact]
    public async Task A_container_that_was_asked_for_becomes_present_when_seen()
    {
        Intend(_agent.NodeId, ContainerPhase.Creating);
        await _agent.ReportAsync();
        Record!.State.ShouldBe("creating");

        await _agent.DeltaAsync([SimulatedAgent.Container('1', clusterId: Id)]);

        Record!.Intent!.Phase.ShouldBe(ContainerPhase.Present);
        Record.State.ShouldBe("running");
        _host.State.Current.Container(new string('1', 64))!.Id.ShouldBe(Id);
    }

    [Fact]
    public async Task A_container_removed_on_the_engine_goes_and_one_not_yet_made_stays()
    {
        Intend(_agent.NodeId, ContainerPhase.Creating);
        await _agent.ReportAsync(SimulatedAgent.Container('1', clusterId: Id), SimulatedAgent.Container('2'));

        await _agent.DeltaAsync([], new string('1', 64), new string('2', 64));
        _host.State.Current.Containers.ShouldBeEmpty();

        Intend(_agent.NodeId, ContainerPhase.Creating);
        await _agent.ReportAsync();
        Record.ShouldNotBeNull();
    }

    [Fact]
    public async Task A_full_report_ends_what_was_present_before_and_is_not_named()
    {
        Intend(_agent.NodeId, ContainerPhase.Present, new string('1', 64));

        await _agent.ReportAsync(SimulatedAgent.Container('2'));

        Record.ShouldBeNull();
        _host.State.Current.Node(_agent.NodeId)!.Containers.ShouldBe(1);
    }

    [Fact]
    public async Task A_node_reports_only_for_itself()
    {
        Intend(_agent.NodeId, ContainerPhase.Creating);
        await _agent.ReportAsync();
        await _other.ReportAsync(SimulatedAgent.Container('2', clusterId: Id));

        Record!.Observed.ShouldBeNull();
        _host.State.Current.Container(new string('2', 64))!.Managed.ShouldBeFalse();

        await _agent.DeltaAsync([SimulatedAgent.Container('1', clusterId: Id)]);
        await _other.DeltaAsync([SimulatedAgent.Container('1', "exited", clusterId: Id)], new string('1', 64));

        Record!.State.ShouldBe("running");
        Record.NodeId.ShouldBe(_agent.NodeId);
    }

    [Fact]
    public async Task A_second_container_with_the_label_of_another_is_not_ours()
    {
        Intend(_agent.NodeId, ContainerPhase.Creating);
        await _agent.ReportAsync(SimulatedAgent.Container('1', clusterId: Id));

        await _agent.DeltaAsync([SimulatedAgent.Container('2', clusterId: Id)]);

        Record!.Observed!.EngineId.ShouldBe(new string('1', 64));
        _host.State.Current.Container(new string('2', 64))!.Collection.ShouldBe("/Unmanaged");
    }

    [Fact]
    public async Task An_equal_report_changes_nothing()
    {
        await _agent.ReportAsync(SimulatedAgent.Container('1'));
        var before = _host.State.Current.Position;

        await _agent.DeltaAsync([SimulatedAgent.Container('1')]);

        _host.State.Current.Position.ShouldBe(before);
    }

    [Fact]
    public async Task A_full_report_in_parts_counts_with_its_last_part()
    {
        await _agent.SendPartAsync(new InventoryReport { Sequence = 7, Full = true, Last = false, Containers = [SimulatedAgent.Container('1')] });
        _host.State.Current.Node(_agent.NodeId)!.Synced.ShouldBeFalse();
        await _agent.DeltaAsync([SimulatedAgent.Container('3')], new string('1', 64));
        await _agent.SendPartAsync(new InventoryReport { Sequence = 7, Full = true, Last = true, Containers = [SimulatedAgent.Container('2')] });

        _host.State.Current.Node(_agent.NodeId)!.Synced.ShouldBeTrue();
        _host.State.Current.Containers.Keys.ShouldBe([new string('2', 64), new string('3', 64)], ignoreOrder: true);
    }

    [Fact]
    public async Task A_malformed_report_is_left_out()
    {
        await _agent.ReportAsync(SimulatedAgent.Container('1') with { EngineId = "../etc" }, SimulatedAgent.Container('2') with { Name = new string('x', 5000) });

        _host.State.Current.Containers.ShouldBeEmpty();
        _host.State.Current.Node(_agent.NodeId)!.State.ShouldBe(NodeState.Ready);
    }

    private void Intend(string nodeId, ContainerPhase phase, string? engineId = null) => _host.State.Write(writer => writer.Put(
        new ContainerRecord
        {
            Id = Id,
            NodeId = nodeId,
            Name = "web",
            Image = "busybox",
            Collection = "/Shared",
            CreatedAt = writer.Now,
            Intent = new ContainerIntent
            {
                Name = "web",
                Phase = phase,
                Owner = "admin",
                Generation = 1,
                Revision = 1,
                EngineId = engineId,
                Demand = new SpecDemand(0, 0, []),
            },
            Pulse = new ContainerPulse(),
        }));
}
