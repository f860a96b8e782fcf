using ControlPlane.Contracts.Agents;
using ControlPlane.Contracts.Rest.Containers;
using ControlPlane.Core.Access;
using ControlPlane.Core.Audit;
using ControlPlane.Core.Data;
using ControlPlane.Core.Results;
using ControlPlane.TestKit.Databases;

namespace ControlPlane.Core.Tests.Containers;

public sealed class CreatePathTests
{
    private static readonly ContainerCreateRequest Web = new() { Name = "web", Image = "busybox" };

    [Theory, DatabaseData]
    public async Task A_create_is_answered_with_the_running_container_its_placement_and_an_audit_entry(DatabaseKind kind)
    {
        await using var world = await ContainerWorld.CreateAsync(kind);
        world.AddNode("n1");

        var created = (await world.CreateAsync(Web)).Value;

        created.Container!.State.ShouldBe("running");
        created.Container.Node.ShouldBe("n1");
        created.Container.Id.Length.ShouldBe(64);
        created.Placement.Summary.ShouldContain("n1");
        await ContainerWorld.UntilAsync(async () => (await world.RowsAsync()).Single().Phase == ContainerPhase.Present);
        var entry = (await world.AuditAsync()).ShouldHaveSingleItem();
        (entry.Action, entry.Result, entry.ObjectId, entry.ActorName).ShouldBe(("containers.create", "ok", created.Id, "admin"));
    }

    [Theory, DatabaseData]
    public async Task The_intent_is_committed_before_the_node_is_told(DatabaseKind kind)
    {
        await using var world = await ContainerWorld.CreateAsync(kind);
        var agent = world.AddNode("n1");
        var committed = false;
        agent.Before = async () => committed = (await world.RowsAsync()).Count == 1;

        await world.CreateAsync(Web);

        committed.ShouldBeTrue();
    }

    [Theory, DatabaseData]
    public async Task What_the_engine_refuses_leaves_nothing_behind(DatabaseKind kind)
    {
        await using var world = await ContainerWorld.CreateAsync(kind);
        var agent = world.AddNode("n1");
        agent.Script = command => new CommandResult
        {
            CommandId = command.Id, Outcome = CommandOutcome.Failed, Code = "engine.refused", Message = "no such device", EngineStatus = 400, NothingChanged = true,
        };

        var refused = (await world.CreateAsync(Web)).Error.ShouldBeOfType<EngineError>();

        refused.Message.ShouldBe("n1: no such device");
        refused.EngineStatus.ShouldBe(400);
        (await world.RowsAsync()).ShouldBeEmpty();
        world.State.Current.Containers.ShouldBeEmpty();
        (await world.AuditAsync()).Select(entry => entry.Result).ShouldBe([AuditTrail.Ok, AuditTrail.Failed]);
        agent.Script = null;
        (await world.CreateAsync(Web)).IsSuccess.ShouldBeTrue("the name is free again");
    }

    [Theory, DatabaseData]
    public async Task A_container_that_was_made_but_would_not_start_stays_and_the_refusal_says_why(DatabaseKind kind)
    {
        await using var world = await ContainerWorld.CreateAsync(kind);
        var agent = world.AddNode("n1");
        agent.Script = command => agent.Do(((CreateContainer)command) with { Start = false }) with
        {
            Outcome = CommandOutcome.Failed, Code = "engine.refused", Message = "exec: not found", EngineStatus = 400,
        };

        (await world.CreateAsync(Web)).Error!.Message.ShouldContain("exec: not found");

        world.Queries.Get(ContainerWorld.Admin, "web").Value.State.ShouldBe("created");
        await ContainerWorld.UntilAsync(async () => (await world.RowsAsync()).Single().Phase == ContainerPhase.Present);
    }

    [Theory, DatabaseData]
    public async Task An_unclear_outcome_waits_for_its_node_and_no_other_is_tried(DatabaseKind kind)
    {
        await using var world = await ContainerWorld.CreateAsync(kind);
        var first = world.AddNode("n1");
        first.Script = _ => null;
        var creating = world.CreateAsync(Web, TimeSpan.FromMilliseconds(200));
        await ContainerWorld.UntilAsync(() => first.Received.Count == 1);
        var second = world.AddNode("n2");

        world.Links.Detach(first);

        var created = (await creating).Value;
        created.Operation.State.ShouldBe("running");
        await ContainerWorld.UntilAsync(() => !world.Launches.IsRunning(created.Id));
        second.Received.ShouldBeEmpty();
        (await world.CreateAsync(Web)).Error.ShouldBeOfType<ConflictError>().Code.ShouldBe("container.name_taken");

        first.Script = null;
        world.Sync(first);

        await ContainerWorld.UntilAsync(async () => (await world.Operations.GetAsync(ContainerWorld.Admin, created.Operation.Id, default)).Value.State == "succeeded");
        first.Engine.Count.ShouldBe(1);
        second.Received.ShouldBeEmpty();
        world.Queries.Get(ContainerWorld.Admin, "web").Value.State.ShouldBe("running");
    }

    [Theory, DatabaseData]
    public async Task A_create_whose_result_was_lost_is_found_on_its_node_and_not_run_again(DatabaseKind kind)
    {
        await using var world = await ContainerWorld.CreateAsync(kind);
        var agent = world.AddNode("n1");
        agent.Script = command =>
        {
            agent.Do(command);
            return null;
        };
        var creating = world.CreateAsync(Web, TimeSpan.FromMilliseconds(200));
        await ContainerWorld.UntilAsync(() => agent.Received.Count == 1);
        world.Links.Detach(agent);
        var created = (await creating).Value;
        await ContainerWorld.UntilAsync(() => !world.Launches.IsRunning(created.Id));

        agent.Script = null;
        world.Sync(agent);

        await ContainerWorld.UntilAsync(async () => (await world.RowsAsync()).Single().Phase == ContainerPhase.Present);
        agent.Received.Count.ShouldBe(1);
    }

    [Theory, DatabaseData]
    public async Task After_a_restart_accepted_creates_hold_their_names_and_ports_and_are_carried_out(DatabaseKind kind)
    {
        await using var world = await ContainerWorld.CreateAsync(kind);
        var agent = world.AddNode("n1");
        agent.Script = _ => null;
        var request = Web with { Ports = [new PortRequest { ContainerPort = 80, HostPort = 8080 }] };
        var accepted = (await world.CreateAsync(request, TimeSpan.FromMilliseconds(50))).Value;

        await using var next = await world.RestartedAsync("n1");

        var back = new ScriptedAgent("n1", next.State, next.Links);
        next.Sync(back);
        (await next.CreateAsync(request with { Name = "other" })).Error.ShouldBeOfType<PlacementError>().Message.ShouldContain("8080");
        (await next.CreateAsync(Web)).Error.ShouldBeOfType<ConflictError>();
        await ContainerWorld.UntilAsync(() => next.Queries.Get(ContainerWorld.Admin, accepted.Id).Value.State == "running");
        await ContainerWorld.UntilAsync(async () => (await next.Operations.GetAsync(ContainerWorld.Admin, accepted.Operation.Id, default)).Value.State == "succeeded");
    }

    [Theory, DatabaseData]
    public async Task Twelve_parallel_creates_of_one_name_make_one_container(DatabaseKind kind)
    {
        await using var world = await ContainerWorld.CreateAsync(kind);
        var agent = world.AddNode("n1");

        var results = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => world.CreateAsync(Web)));

        results.Count(result => result.IsSuccess).ShouldBe(1);
        results.Where(result => !result.IsSuccess).ShouldAllBe(result => result.Error is ConflictError);
        agent.Engine.Count.ShouldBe(1);
    }

    [Theory, DatabaseData]
    public async Task A_name_whose_container_has_just_gone_on_its_engine_is_free_though_its_row_is_still_there(DatabaseKind kind)
    {
        await using var world = await ContainerWorld.CreateAsync(kind);
        world.AddNode("n1");
        var first = (await world.CreateAsync(Web)).Value;

        // Without the reason that the reconciler waits for: the row stays.
        world.State.Write(writer => writer.RemoveContainer(first.Id, "test"));

        (await world.CreateAsync(Web)).IsSuccess.ShouldBeTrue();
        (await world.RowsAsync()).ShouldHaveSingleItem().Id.ShouldNotBe(first.Id);
    }

    [Theory, DatabaseData]
    public async Task A_caller_without_the_right_is_refused_with_an_audit_entry_and_nothing_changes(DatabaseKind kind)
    {
        await using var world = await ContainerWorld.CreateAsync(kind);
        var agent = world.AddNode("n1");

        var refused = await world.Creation.CreateAsync(ContainerWorld.Stranger, Web, TimeSpan.Zero, default);

        refused.Error.ShouldBeOfType<ForbiddenError>();
        agent.Received.ShouldBeEmpty();
        var entry = (await world.AuditAsync()).ShouldHaveSingleItem();
        (entry.ActorName, entry.Action, entry.Result).ShouldBe(("stranger", Permission.ContainersCreate, AuditTrail.Refused));
    }

    [Theory, DatabaseData]
    public async Task A_dry_run_says_where_it_would_go_and_changes_nothing(DatabaseKind kind)
    {
        await using var world = await ContainerWorld.CreateAsync(kind);
        var agent = world.AddNode("n1");

        var plan = (await world.Creation.PlanAsync(ContainerWorld.Admin, Web, default)).Value;

        plan.Node.ShouldBe("n1");
        agent.Received.ShouldBeEmpty();
        (await world.RowsAsync()).ShouldBeEmpty();
        (await world.CreateAsync(Web)).IsSuccess.ShouldBeTrue("the dry run reserved nothing");
    }

    [Theory, DatabaseData]
    public async Task A_running_create_can_be_cancelled_before_it_changed_anything(DatabaseKind kind)
    {
        await using var world = await ContainerWorld.CreateAsync(kind);
        var agent = world.AddNode("n1");
        agent.Script = _ => null;
        var created = (await world.CreateAsync(Web, TimeSpan.FromMilliseconds(50))).Value;

        (await world.Operations.CancelAsync(ContainerWorld.Admin, created.Operation.Id, default)).IsSuccess.ShouldBeTrue();

        await ContainerWorld.UntilAsync(async () => (await world.Operations.GetAsync(ContainerWorld.Admin, created.Operation.Id, default)).Value.State == "cancelled");
        (await world.RowsAsync()).ShouldBeEmpty();
    }
}
