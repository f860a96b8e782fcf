using ControlPlane.Contracts.Agents;
using ControlPlane.Contracts.Rest.Containers;
using ControlPlane.Core.Containers;
using ControlPlane.Core.Results;
using ControlPlane.Core.State;
using ControlPlane.TestKit.Databases;

namespace ControlPlane.Core.Tests.Containers;

public sealed class ContainerActionTests
{
    private static readonly ContainerCreateRequest Web = new() { Name = "web", Image = "busybox" };

    [Theory, DatabaseData]
    public async Task A_stop_is_answered_with_the_stopped_container_and_leaves_an_audit_entry(DatabaseKind kind)
    {
        await using var world = await ContainerWorld.CreateAsync(kind);
        world.AddNode("n1");
        await world.CreateAsync(Web);

        var stopped = await RunAsync(world, new ContainerAction.Stop());

        stopped.Value!.State.ShouldBe("exited");
        (await world.AuditAsync())[^1].Action.ShouldBe("containers.stop");
    }

    [Theory, DatabaseData]
    public async Task A_running_container_is_removed_only_with_force(DatabaseKind kind)
    {
        await using var world = await ContainerWorld.CreateAsync(kind);
        var agent = world.AddNode("n1");
        await world.CreateAsync(Web);

        (await RunAsync(world, new ContainerAction.Remove())).Error!.Code.ShouldBe("container.running");
        (await RunAsync(world, new ContainerAction.Remove(Force: true))).IsSuccess.ShouldBeTrue();

        agent.Engine.ShouldBeEmpty();
        (await world.RowsAsync()).ShouldBeEmpty();
        (await RunAsync(world, new ContainerAction.Start())).Error.ShouldBeOfType<NotFoundError>();
    }

    [Theory, DatabaseData]
    public async Task A_container_on_a_dead_node_frees_its_name_now_and_goes_when_the_node_returns(DatabaseKind kind)
    {
        await using var world = await ContainerWorld.CreateAsync(kind);
        var agent = world.AddNode("n1");
        await world.CreateAsync(Web);
        world.Links.Detach(agent);
        world.State.Write(writer => writer.Put(writer.Node("n1")! with { State = NodeState.Down, Synced = false }));

        (await RunAsync(world, new ContainerAction.Remove(Force: true))).IsSuccess.ShouldBeTrue();
        var second = world.AddNode("n2");
        (await world.CreateAsync(Web)).Value.Container!.Node.ShouldBe("n2");

        world.Sync(agent);

        await ContainerWorld.UntilAsync(() => agent.Engine.IsEmpty);
        second.Engine.Count.ShouldBe(1);
        await ContainerWorld.UntilAsync(async () => (await world.RowsAsync()).Count == 1);
    }

    [Theory, DatabaseData]
    public async Task A_tombstone_outlives_a_restart_of_the_server(DatabaseKind kind)
    {
        await using var world = await ContainerWorld.CreateAsync(kind);
        var agent = world.AddNode("n1");
        await world.CreateAsync(Web);
        world.Links.Detach(agent);
        await RunAsync(world, new ContainerAction.Remove(Force: true));

        await using var next = await world.RestartedAsync("n1");
        var back = new ScriptedAgent("n1", next.State, next.Links);
        back.Engine[agent.Engine.Keys.Single()] = agent.Engine.Values.Single();
        next.Sync(back);

        await ContainerWorld.UntilAsync(() => back.Engine.IsEmpty);
        await ContainerWorld.UntilAsync(async () => (await next.RowsAsync()).Count == 0);
    }

    [Theory, DatabaseData]
    public async Task What_somebody_removes_on_the_engine_stays_removed(DatabaseKind kind)
    {
        await using var world = await ContainerWorld.CreateAsync(kind);
        var agent = world.AddNode("n1");
        var created = (await world.CreateAsync(Web)).Value;

        agent.Do(new RemoveContainer { Id = "x", DeadlineMilliseconds = 1, EngineId = created.Container!.EngineId!, Force = true, Volumes = false });

        await ContainerWorld.UntilAsync(async () => (await world.RowsAsync()).Count == 0);
        agent.Received.Count.ShouldBe(1);
        (await world.CreateAsync(Web)).IsSuccess.ShouldBeTrue();
    }

    [Theory, DatabaseData]
    public async Task A_rename_needs_the_revision_and_a_free_name(DatabaseKind kind)
    {
        await using var world = await ContainerWorld.CreateAsync(kind);
        world.AddNode("n1");
        var web = (await world.CreateAsync(Web)).Value.Container!;
        await world.CreateAsync(Web with { Name = "db" });

        (await RenameAsync(world, "new", null)).Error.ShouldBeOfType<PreconditionError>().Missing.ShouldBeTrue();
        (await RenameAsync(world, "new", web.Revision + 5)).Error.ShouldBeOfType<PreconditionError>().CurrentRevision.ShouldBe(web.Revision);
        (await RenameAsync(world, "db", web.Revision)).Error.ShouldBeOfType<ConflictError>().Code.ShouldBe("container.name_taken");
        var renamed = (await RenameAsync(world, "new", web.Revision)).Value;

        renamed.Name.ShouldBe("new");
        renamed.Revision.ShouldBe(web.Revision + 1);
        (await world.CreateAsync(Web)).IsSuccess.ShouldBeTrue("the old name is free");
    }

    [Theory, DatabaseData]
    public async Task A_node_that_is_not_connected_is_said_to_be(DatabaseKind kind)
    {
        await using var world = await ContainerWorld.CreateAsync(kind);
        var agent = world.AddNode("n1");
        await world.CreateAsync(Web);
        world.Links.Detach(agent);

        var error = (await RunAsync(world, new ContainerAction.Stop())).Error.ShouldBeOfType<UnavailableError>();

        error.Code.ShouldBe("node.not_connected");
        error.Message.ShouldStartWith("n1:");
    }

    [Theory, DatabaseData]
    public async Task A_stranger_cannot_tell_a_container_from_none(DatabaseKind kind)
    {
        await using var world = await ContainerWorld.CreateAsync(kind);
        world.AddNode("n1");
        await world.CreateAsync(Web);

        var there = (await world.Actions.RunAsync(ContainerWorld.Stranger, "web", new ContainerAction.Stop(), null, default)).Error!;
        var absent = (await world.Actions.RunAsync(ContainerWorld.Stranger, "nothere", new ContainerAction.Stop(), null, default)).Error!;

        there.Code.ShouldBe(absent.Code);
        there.Message.Replace("web", "nothere", StringComparison.Ordinal).ShouldBe(absent.Message);
    }

    [Theory, DatabaseData]
    public async Task A_bulk_operation_has_a_result_for_each(DatabaseKind kind)
    {
        await using var world = await ContainerWorld.CreateAsync(kind);
        world.AddNode("n1");
        var web = (await world.CreateAsync(Web)).Value;

        var started = (await world.Bulk.StartAsync(ContainerWorld.Admin, new ContainerAction.Stop(), [web.Id, "nothere"], default)).Value;

        await ContainerWorld.UntilAsync(async () => (await world.Operations.GetAsync(ContainerWorld.Admin, started.Id, default)).Value.EndedAt is not null);
        var ended = (await world.Operations.GetAsync(ContainerWorld.Admin, started.Id, default)).Value;
        ended.State.ShouldBe("failed");
        ended.Items.Select(item => item.State).ShouldBe(["succeeded", "failed"]);
        ended.Items[1].Message.ShouldContain("nothere");
        world.Queries.Get(ContainerWorld.Admin, "web").Value.State.ShouldBe("exited");
    }

    private static Task<Result<ContainerView?>> RunAsync(ContainerWorld world, ContainerAction action) =>
        world.Actions.RunAsync(ContainerWorld.Admin, "web", action, null, CancellationToken.None);

    private static Task<Result<ContainerView>> RenameAsync(ContainerWorld world, string name, long? revision) =>
        world.Changes.RenameAsync(ContainerWorld.Admin, "web", new ContainerRenameRequest { Name = name }, revision, CancellationToken.None);
}
