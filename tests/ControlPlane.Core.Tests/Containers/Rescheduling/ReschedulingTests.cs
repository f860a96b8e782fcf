using ControlPlane.Contracts.Agents;
using ControlPlane.Contracts.Rest.Containers;
using ControlPlane.Core.Containers.Rescheduling;
using ControlPlane.Core.Data;
using ControlPlane.Core.Results;
using ControlPlane.Core.State;
using ControlPlane.TestKit.Databases;

namespace ControlPlane.Core.Tests.Containers.Rescheduling;

public sealed class ReschedulingTests
{
    private static readonly ContainerCreateRequest Web = new() { Name = "web", Image = "busybox", ReschedulePolicy = "on-node-failure" };

    [Theory, DatabaseData]
    public async Task A_container_of_a_failed_node_runs_on_another_one_with_the_same_id_and_name(DatabaseKind kind)
    {
        await using var world = await ContainerWorld.CreateAsync(kind);
        var (failed, other, id) = await OnAsync(world, Web);

        world.Fail(failed);

        var view = await RunsOnAsync(world, id, other);
        (view.Name, view.ReschedulePolicy).ShouldBe(("web", "on-node-failure"));
        view.Note.ShouldStartWith($"Moved from {failed.NodeId}, which failed at ");
        other.Engine.Values.ShouldHaveSingleItem().ClusterId.ShouldBe(id);
        var row = (await world.RowsAsync()).ShouldHaveSingleItem();
        (row.NodeId, row.Generation, row.Name).ShouldBe((other.NodeId, 2, "web"));
        row.SpecJson.ShouldContain("\"controlplane.generation\":\"2\"");
        var past = Core.Containers.ContainerViews.ReadPlacement(row.PlacementJson)!.History.ShouldHaveSingleItem();
        past.Node.ShouldBe(failed.NodeId);
        past.Reason.ShouldStartWith("failed at ");
        (await world.AuditAsync()).ShouldContain(entry => entry.Action == "containers.reschedule" && entry.Result == "ok" && entry.ActorName == "system");
        world.State.Current.Container(id)!.Intent!.Revision.ShouldBe(2);
    }

    [Theory, DatabaseData]
    public async Task The_old_copy_goes_when_its_node_returns_and_nothing_else_does(DatabaseKind kind)
    {
        await using var world = await ContainerWorld.CreateAsync(kind);
        var (failed, other, id) = await OnAsync(world, Web);
        world.Fail(failed);
        await RunsOnAsync(world, id, other);
        var forged = Copy(failed.Engine.Values.Single(), 'f');
        failed.Engine[forged.EngineId] = forged;
        var copy = failed.Engine.Values.Single(one => one.EngineId != forged.EngineId).EngineId;

        world.Sync(failed);

        await ContainerWorld.UntilAsync(() => !failed.Engine.ContainsKey(copy));
        var remove = failed.Received.OfType<RemoveContainer>().ShouldHaveSingleItem();
        (remove.EngineId, remove.Force, remove.Volumes).ShouldBe((copy, true, true));
        failed.Engine.Keys.ShouldBe([forged.EngineId], "a label that anybody can write removes nothing");
        other.Engine.Count.ShouldBe(1);
        world.Queries.Get(ContainerWorld.Admin, id).Value.State.ShouldBe("running");
        await ContainerWorld.UntilAsync(() => world.State.Current.Container(id)!.Intent!.Left.Count == 0);
    }

    [Theory, DatabaseData]
    public async Task A_forged_label_on_another_node_removes_nothing(DatabaseKind kind)
    {
        await using var world = await ContainerWorld.CreateAsync(kind);
        var (on, other, _) = await OnAsync(world, Web);
        var forged = Copy(on.Engine.Values.Single(), 'f');
        other.Engine[forged.EngineId] = forged;

        world.Sync(other);
        await Task.Delay(TimeSpan.FromSeconds(2.5), TimeProvider.System, TestContext.Current.CancellationToken);

        (on.Engine.Count, other.Engine.Count).ShouldBe((1, 1));
    }

    [Theory, DatabaseData]
    public async Task A_container_without_the_policy_waits_for_its_node(DatabaseKind kind)
    {
        await using var world = await ContainerWorld.CreateAsync(kind);
        var (failed, other, id) = await OnAsync(world, Web with { ReschedulePolicy = null });
        var second = (await world.CreateAsync(Web with { Name = "moves", Constraints = [$"node=={failed.NodeId}", $"node!=~{other.NodeId}"] })).Value.Id;

        world.Fail(failed);

        await ContainerWorld.UntilAsync(() => world.State.Current.Container(second)!.Intent!.Note is not null);
        world.State.Current.Container(id)!.NodeId.ShouldBe(failed.NodeId);
        other.Engine.ShouldBeEmpty();
    }

    [Theory, DatabaseData]
    public async Task A_hard_node_constraint_keeps_it_there_says_so_and_is_forgotten_when_the_node_is_back(DatabaseKind kind)
    {
        await using var world = await ContainerWorld.CreateAsync(kind);
        var (failed, other, id) = await OnAsync(world, Web, pinned: true);

        world.Fail(failed);

        await ContainerWorld.UntilAsync(() => world.Queries.Get(ContainerWorld.Admin, id).Value.Note.Contains("it is not moved", StringComparison.Ordinal));
        world.Events.All.ShouldContain(entry => entry.Kind == "container.not_moved" && entry.ObjectId == id);
        (await world.RowsAsync()).Single().Note.ShouldNotBeNull();
        other.Engine.ShouldBeEmpty();

        world.Sync(failed);

        await ContainerWorld.UntilAsync(() => world.Queries.Get(ContainerWorld.Admin, id).Value.Note == "");
        (await world.RowsAsync()).Single().NodeId.ShouldBe(failed.NodeId);
        failed.Engine.Count.ShouldBe(1);
    }

    [Theory, DatabaseData]
    public async Task A_named_volume_keeps_a_container_unless_it_may_be_left_behind(DatabaseKind kind)
    {
        await using var world = await ContainerWorld.CreateAsync(kind);
        var mounts = new[] { new MountRequest { Type = "volume", Source = "data", Target = "/data" } };
        var (failed, other, id) = await OnAsync(world, Web with { Mounts = mounts });
        var with = (await world.CreateAsync(new ContainerCreateRequest
        {
            Name = "with", Image = "busybox", Mounts = mounts, ReschedulePolicy = "on-node-failure", RescheduleWithVolumes = true, Constraints = [$"node==~{failed.NodeId}"],
        })).Value.Id;
        world.State.Write(writer => writer.Put(ContentFacts.With(
            writer.Node(failed.NodeId)!, null, null, [new VolumeReport("data", "local", "/v", new Dictionary<string, string>(), DateTime.UnixEpoch)])));

        world.Fail(failed);

        await RunsOnAsync(world, with, other);
        await ContainerWorld.UntilAsync(() => world.Queries.Get(ContainerWorld.Admin, id).Value.Note.Contains("volume data", StringComparison.Ordinal));
        world.State.Current.Container(id)!.NodeId.ShouldBe(failed.NodeId);
    }

    [Theory, DatabaseData]
    public async Task A_stopped_container_is_moved_and_stays_stopped(DatabaseKind kind)
    {
        await using var world = await ContainerWorld.CreateAsync(kind);
        var (failed, other, id) = await OnAsync(world, Web);
        failed.Do(new StopContainer { Id = "stop", DeadlineMilliseconds = 1000, EngineId = failed.Engine.Keys.Single() });

        world.Fail(failed);

        await ContainerWorld.UntilAsync(() => other.Engine.Count == 1);
        other.Engine.Values.Single().State.ShouldBe("created");
        await ContainerWorld.UntilAsync(() => world.State.Current.Container(id) is { Intent.Phase: ContainerPhase.Present } now && now.NodeId == other.NodeId);
    }

    [Theory, DatabaseData]
    public async Task When_most_nodes_fail_together_nothing_moves_until_a_person_says_so(DatabaseKind kind)
    {
        await using var world = await ContainerWorld.CreateAsync(kind);
        world.AddNode("n3");
        var (failed, _, id) = await OnAsync(world, Web);
        var rest = world.State.Current.Nodes.Keys.Where(node => node != failed.NodeId).Order(StringComparer.Ordinal).ToList();
        var second = (ScriptedAgent)world.Links.Of(rest[0])!;
        var third = (ScriptedAgent)world.Links.Of(rest[1])!;
        (await world.Rescheduling.ConfirmAsync(ContainerWorld.Admin, default)).Error.ShouldBeOfType<ConflictError>().Code.ShouldBe("rescheduling.not_held");

        world.Fail(second, NodeState.Unknown);
        world.Fail(failed);
        world.Links.Detach(second);
        await ContainerWorld.UntilAsync(() => world.Events.All.Any(entry => entry.Kind == "rescheduling.held"));
        await Task.Delay(TimeSpan.FromSeconds(1.5), TimeProvider.System, TestContext.Current.CancellationToken);

        third.Received.ShouldBeEmpty();
        var held = world.Rescheduling.Get(ContainerWorld.Admin).Value;
        (held.Held, held.Waiting, held.Moving).ShouldBe((true, 1, 0));
        held.Nodes.ShouldBe(new[] { failed.NodeId, second.NodeId }.Order(StringComparer.Ordinal));
        (await world.Rescheduling.ConfirmAsync(ContainerWorld.Stranger, default)).Error.ShouldBeOfType<ForbiddenError>();

        (await world.Rescheduling.ConfirmAsync(ContainerWorld.Admin, default)).Value.Held.ShouldBeFalse();

        await RunsOnAsync(world, id, third);
        (await world.AuditAsync()).ShouldContain(entry => entry.Action == "rescheduling.confirm" && entry.Result == "ok");
    }

    [Theory, DatabaseData]
    public async Task Nothing_moves_within_the_amnesty_after_a_start(DatabaseKind kind)
    {
        await using var world = await ContainerWorld.CreateAsync(kind);
        var (failed, other, id) = await OnAsync(world, Web, amnesty: 3);

        world.Fail(failed);
        await Task.Delay(TimeSpan.FromSeconds(1.5), TimeProvider.System, TestContext.Current.CancellationToken);

        other.Received.ShouldBeEmpty();
        await RunsOnAsync(world, id, other);
    }

    [Theory, DatabaseData]
    public async Task An_engine_that_stays_away_is_a_failed_node_and_its_copy_goes_when_it_answers(DatabaseKind kind)
    {
        await using var world = await ContainerWorld.CreateAsync(kind);
        var (failed, other, id) = await OnAsync(world, Web);

        world.Fail(failed, NodeState.EngineDown);
        await RunsOnAsync(world, id, other);
        failed.Engine.Count.ShouldBe(1);
        world.State.Write(writer => writer.Put(writer.Node(failed.NodeId)! with { State = NodeState.Ready }));

        await ContainerWorld.UntilAsync(() => failed.Engine.IsEmpty && world.State.Current.Containers.Count == 1);
        other.Engine.Count.ShouldBe(1);
    }

    [Theory, DatabaseData]
    public async Task Oldest_first_and_never_more_than_so_many_at_once(DatabaseKind kind)
    {
        await using var world = await ContainerWorld.CreateAsync(kind);
        var failed = world.AddNode("n1");
        var ids = new List<string>();
        for (var i = 0; i < 6; i++)
        {
            ids.Add((await world.CreateAsync(Web with { Name = $"web-{i}" })).Value.Id);
        }

        var other = world.AddNode("n2");
        var (under, most) = (0, 0);
        other.Before = async () =>
        {
            most = Math.Max(most, Interlocked.Increment(ref under));
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System);
            Interlocked.Decrement(ref under);
        };
        world.Reschedule(new ReschedulingOptions { AtOnce = 2, LookAgainSeconds = 1 });

        world.Fail(failed);

        await ContainerWorld.UntilAsync(() => other.Engine.Count == 6);
        most.ShouldBe(2);
        var order = other.Received.OfType<CreateContainer>().Select(create => ids.IndexOf(create.ClusterId)).ToList();
        order.Chunk(2).SelectMany(pair => pair.Order()).ShouldBe([0, 1, 2, 3, 4, 5]);
    }

    [Theory, DatabaseData]
    public async Task What_no_node_takes_stays_on_its_old_node_and_is_found_there_when_that_returns(DatabaseKind kind)
    {
        await using var world = await ContainerWorld.CreateAsync(kind);
        var (failed, other, id) = await OnAsync(world, Web);
        other.Script = command => new CommandResult
        {
            CommandId = command.Id, Outcome = CommandOutcome.Failed, Code = "engine.refused", Message = "no space left on device", EngineStatus = 500, NothingChanged = true,
        };

        world.Fail(failed);

        await ContainerWorld.UntilAsync(() => world.Queries.Get(ContainerWorld.Admin, id).Value is { Note: var note } && note.Contains("could not be moved", StringComparison.Ordinal));
        var row = (await world.RowsAsync()).Single();
        (row.NodeId, row.Phase, row.Generation).ShouldBe((failed.NodeId, ContainerPhase.Present, 1));
        world.Sync(failed);
        await ContainerWorld.UntilAsync(() => world.Queries.Get(ContainerWorld.Admin, id).Value is { State: "running", Note: "" });
        (failed.Engine.Count, other.Engine.Count).ShouldBe((1, 0));
    }

    [Theory, DatabaseData]
    public async Task A_copy_whose_node_returns_in_the_middle_of_a_move_is_kept_until_the_move_is_over(DatabaseKind kind)
    {
        await using var world = await ContainerWorld.CreateAsync(kind);
        var (failed, other, id) = await OnAsync(world, Web);
        var gate = new TaskCompletionSource();
        other.Before = () => gate.Task;
        world.Fail(failed);
        await ContainerWorld.UntilAsync(() => other.Received.Count == 1);

        world.Sync(failed);
        await Task.Delay(TimeSpan.FromSeconds(1.5), TimeProvider.System, TestContext.Current.CancellationToken);
        failed.Engine.Count.ShouldBe(1);
        gate.SetResult();

        await RunsOnAsync(world, id, other);
        await ContainerWorld.UntilAsync(() => failed.Engine.IsEmpty);
        other.Engine.Count.ShouldBe(1);
    }

    [Theory, DatabaseData]
    public async Task A_create_that_is_unclear_on_a_failed_node_is_left_to_it(DatabaseKind kind)
    {
        await using var world = await ContainerWorld.CreateAsync(kind);
        var first = world.AddNode("n1");
        first.Script = _ => null;
        var accepted = (await world.CreateAsync(Web, TimeSpan.FromMilliseconds(50))).Value;
        var other = world.AddNode("n2");
        world.Reschedule();

        world.Fail(first);
        await Task.Delay(TimeSpan.FromSeconds(2), TimeProvider.System, TestContext.Current.CancellationToken);

        other.Received.ShouldBeEmpty();
        world.State.Current.Container(accepted.Id)!.NodeId.ShouldBe("n1");
    }

    [Theory, DatabaseData]
    public async Task A_server_killed_in_the_middle_of_a_move_finishes_it_and_exactly_one_remains(DatabaseKind kind)
    {
        await using var world = await ContainerWorld.CreateAsync(kind);
        var (failed, other, id) = await OnAsync(world, Web);
        other.Script = _ => null;
        world.Fail(failed);
        await ContainerWorld.UntilAsync(() => other.Received.Count == 1);

        await using var next = await world.RestartedAsync("n1", "n2");
        next.Reschedule();
        var again = new ScriptedAgent(other.NodeId, next.State, next.Links);
        next.Sync(again);

        await RunsOnAsync(next, id, again);
        var back = new ScriptedAgent(failed.NodeId, next.State, next.Links);
        foreach (var (engineId, report) in failed.Engine)
        {
            back.Engine[engineId] = report;
        }

        next.Sync(back);
        await ContainerWorld.UntilAsync(() => back.Engine.IsEmpty);
        again.Engine.Count.ShouldBe(1);
        (await next.RowsAsync()).ShouldHaveSingleItem().NodeId.ShouldBe(other.NodeId);
    }

    [Theory, DatabaseData]
    public async Task After_a_restart_what_did_not_run_is_not_started_elsewhere(DatabaseKind kind)
    {
        await using var world = await ContainerWorld.CreateAsync(kind);
        var (failed, other, id) = await OnAsync(world, Web);
        await ContainerWorld.UntilAsync(async () => (await world.RowsAsync()).Single().Phase == ContainerPhase.Present);
        await using (var db = await ((Microsoft.EntityFrameworkCore.IDbContextFactory<ControlPlaneDb>)world.Database).CreateDbContextAsync(default))
        {
            foreach (var (kindOf, minute) in new[] { ("container.start", 1), ("container.die", 2) })
            {
                db.Events.Add(new EventEntity
                {
                    Id = Guid.CreateVersion7(), At = DateTime.UnixEpoch.AddMinutes(minute), Kind = kindOf, ObjectId = failed.Engine.Keys.Single(), Text = kindOf,
                });
            }

            await db.SaveChangesAsync();
        }

        await using var next = await world.RestartedAsync("n1", "n2");
        var again = new ScriptedAgent(other.NodeId, next.State, next.Links);
        next.Sync(again);
        next.Reschedule();
        next.Fail(new ScriptedAgent(failed.NodeId, next.State, next.Links));

        await ContainerWorld.UntilAsync(() => again.Engine.Count == 1);
        again.Engine.Values.Single().State.ShouldBe("created");
        await ContainerWorld.UntilAsync(() => next.State.Current.Container(id)!.Intent!.Phase == ContainerPhase.Present);
    }

    [Theory, DatabaseData]
    public async Task A_moved_container_that_is_removed_takes_its_old_copy_with_it(DatabaseKind kind)
    {
        await using var world = await ContainerWorld.CreateAsync(kind);
        var (failed, other, id) = await OnAsync(world, Web);
        world.Fail(failed);
        await RunsOnAsync(world, id, other);

        var removed = await world.Actions.RunAsync(ContainerWorld.Admin, id, new Core.Containers.ContainerAction.Remove(Force: true, Volumes: false), null, default);
        removed.IsSuccess.ShouldBeTrue();
        (await world.CreateAsync(Web)).IsSuccess.ShouldBeTrue("the name is free at once");
        world.Sync(failed);

        await ContainerWorld.UntilAsync(() => failed.Engine.IsEmpty);
        await ContainerWorld.UntilAsync(async () => (await world.RowsAsync()).Count == 1);
    }

    /// <summary>Two nodes, a container on one of them.</summary>
    private static async Task<(ScriptedAgent On, ScriptedAgent Other, string Id)> OnAsync(
        ContainerWorld world, ContainerCreateRequest request, bool pinned = false, int amnesty = 0)
    {
        var agents = new[] { world.AddNode("n1"), world.AddNode("n2") };
        var created = (await world.CreateAsync(request with { Constraints = [pinned ? "node==n1" : "node==~n1"] })).Value;
        world.Reschedule(amnestySeconds: amnesty);
        await ContainerWorld.UntilAsync(async () => (await world.RowsAsync()).Single().Phase == ContainerPhase.Present);
        return (agents[0], agents[1], created.Id);
    }

    private static async Task<ContainerView> RunsOnAsync(ContainerWorld world, string id, ScriptedAgent agent)
    {
        await ContainerWorld.UntilAsync(() =>
            world.Queries.Get(ContainerWorld.Admin, id) is { IsSuccess: true, Value: { State: "running" } view } && view.Node == agent.NodeId
            && world.State.Current.Container(id)!.Intent!.Phase == ContainerPhase.Present);
        await ContainerWorld.UntilAsync(async () => (await world.RowsAsync()).Single(row => row.Id == id).Phase == ContainerPhase.Present);
        return world.Queries.Get(ContainerWorld.Admin, id).Value;
    }

    private static ContainerReport Copy(ContainerReport report, char digit) => report with { EngineId = new string(digit, 64), Name = "forged" };
}
