using System.Net;
using System.Net.Http.Json;
using ControlPlane.Contracts.Agents;
using ControlPlane.Contracts.Rest.Nodes;
using ControlPlane.Core.Access;
using ControlPlane.Core.Nodes;
using ControlPlane.Core.Results;
using ControlPlane.Core.State;
using Microsoft.EntityFrameworkCore;

namespace ControlPlane.Api.Tests.Agents;

public sealed class NodeServiceTests : IAsyncLifetime
{
    private AgentDoorHost _host = null!;
    private SimulatedAgent _agent = null!;

    public async ValueTask InitializeAsync()
    {
        _host = await AgentDoorHost.StartAsync();
        _agent = new SimulatedAgent(_host.Http);
        await _agent.JoinAsync((await _host.NewTokenAsync()).Text);
        await _agent.ConnectAsync();
        await _agent.ReportAsync(SimulatedAgent.Container('1'));
    }

    public async ValueTask DisposeAsync()
    {
        await _agent.DisposeAsync();
        await _host.DisposeAsync();
    }

    private NodeService Nodes => _host.Get<NodeService>();

    private NodeQueries Queries => _host.Get<NodeQueries>();

    [Fact]
    public async Task Labels_name_and_availability_change_by_revision()
    {
        var patch = new NodePatch
        {
            Name = "renamed",
            Availability = "drain",
            Labels = new Dictionary<string, string?> { ["zone"] = "b", ["gone"] = null },
        };
        (await Nodes.UpdateAsync(AgentDoorHost.Admin, _agent.NodeId, patch, null, CancellationToken.None)).Error.ShouldBeOfType<PreconditionError>().Missing.ShouldBeTrue();
        (await Nodes.UpdateAsync(AgentDoorHost.Admin, _agent.NodeId, patch, 99, CancellationToken.None)).Error.ShouldBeOfType<PreconditionError>().Missing.ShouldBeFalse();

        var changed = (await Nodes.UpdateAsync(AgentDoorHost.Admin, "host-1", patch, 1, CancellationToken.None)).Value;

        changed.Name.ShouldBe("renamed");
        changed.Availability.ShouldBe("drain");
        changed.Labels["zone"].ShouldBe("b");
        changed.EngineLabels["zone"].ShouldBe("a");
        changed.Revision.ShouldBe(2);
        changed.State.ShouldBe("Ready");
    }

    [Fact]
    public async Task A_wrong_patch_names_every_field()
    {
        var patch = new NodePatch { Name = "", Availability = "off", Labels = new Dictionary<string, string?> { ["controlplane.x"] = "1" } };

        var invalid = (await Nodes.UpdateAsync(AgentDoorHost.Admin, _agent.NodeId, patch, 1, CancellationToken.None)).Error.ShouldBeOfType<InvalidError>();

        invalid.Fields.Count.ShouldBe(3);
    }

    [Fact]
    public async Task Generic_resources_are_declared_kept_and_taken_back()
    {
        var declare = new NodePatch { GenericResources = new Dictionary<string, long?> { ["gpu"] = 2, ["fpga"] = 1 } };
        var wrong = new NodePatch { GenericResources = new Dictionary<string, long?> { ["gpu"] = 0, ["-x"] = 1, ["gone"] = null } };

        (await Nodes.UpdateAsync(AgentDoorHost.Admin, _agent.NodeId, wrong, 1, CancellationToken.None)).Error.ShouldBeOfType<InvalidError>()
            .Fields.Select(field => field.Field).ShouldBe(["genericResources.gpu", "genericResources.-x"]);
        await Nodes.UpdateAsync(AgentDoorHost.Admin, _agent.NodeId, declare, 1, CancellationToken.None);
        var changed = (await Nodes.UpdateAsync(
            AgentDoorHost.Admin, _agent.NodeId, new NodePatch { GenericResources = new Dictionary<string, long?> { ["fpga"] = null } }, 2, CancellationToken.None)).Value;

        changed.GenericResources.ShouldBe(new Dictionary<string, GenericResourceView> { ["gpu"] = new(2, 0) });
        await using var db = await _host.OpenDatabaseAsync();
        NodeRecords.From(await db.Nodes.SingleAsync(), DateTime.UnixEpoch).GenericResources.ShouldBe(new Dictionary<string, long> { ["gpu"] = 2 });
    }

    [Fact]
    public async Task A_connected_node_is_removed_only_by_force_and_its_identity_is_dead()
    {
        (await Nodes.RemoveAsync(AgentDoorHost.Admin, _agent.NodeId, false, null, CancellationToken.None)).Error!.Code.ShouldBe("node.in_use");

        (await Nodes.RemoveAsync(AgentDoorHost.Admin, _agent.NodeId, true, null, CancellationToken.None)).IsSuccess.ShouldBeTrue();

        _host.State.Current.Nodes.ShouldBeEmpty();
        _host.State.Current.Containers.ShouldBeEmpty();
        await AgentDoorHost.UntilAsync(() => !_agent.Ends.IsEmpty && !_host.Links.IsConnected(_agent.NodeId), seconds: 2);
        _agent.Ends.TryPeek(out var end).ShouldBeTrue();
        end!.Code.ShouldBe("node.removed");
        using var challenge = await _host.Http.PostAsJsonAsync(
            AgentProtocol.ChallengePath, new ChallengeRequest(_agent.NodeId), AgentJson.Default.ChallengeRequest);
        challenge.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        await using var db = await _host.OpenDatabaseAsync();
        (await db.Nodes.CountAsync()).ShouldBe(0);
        (await db.Audit.CountAsync(a => a.Action == Permission.NodesRemove)).ShouldBe(1);
    }

    [Fact]
    public async Task Strangers_neither_see_nor_change_nodes()
    {
        var stranger = new Caller { Kind = CallerKind.Token, Id = "u", Name = "u", IsAdministrator = false, RequestId = "r" };

        Queries.List(stranger, new NodeFilter()).Error.ShouldBeOfType<ForbiddenError>();
        (await Nodes.UpdateAsync(stranger, _agent.NodeId, new NodePatch(), 1, CancellationToken.None)).Error.ShouldBeOfType<ForbiddenError>();
        (await Nodes.RemoveAsync(stranger, _agent.NodeId, true, null, CancellationToken.None)).Error.ShouldBeOfType<ForbiddenError>();
        (await Nodes.ApproveAsync(stranger, _agent.NodeId, CancellationToken.None)).Error.ShouldBeOfType<ForbiddenError>();
        await using var db = await _host.OpenDatabaseAsync();
        (await db.Audit.CountAsync(a => a.Result == "refused")).ShouldBe(3);
        _host.State.Current.Node(_agent.NodeId)!.State.ShouldBe(NodeState.Ready);
    }

    [Fact]
    public void Lists_filter_by_state_and_label()
    {
        Queries.List(AgentDoorHost.Admin, new NodeFilter { States = ["ready"], Labels = ["zone=a"] }).Value.Total.ShouldBe(1);
        Queries.List(AgentDoorHost.Admin, new NodeFilter { States = ["down"] }).Value.Total.ShouldBe(0);
        Queries.Get(AgentDoorHost.Admin, "nope").Error.ShouldBeOfType<NotFoundError>();
    }
}
