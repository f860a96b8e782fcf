using ControlPlane.Contracts.Agents;
using ControlPlane.Contracts.Rest.Containers;
using ControlPlane.Core.Data;
using ControlPlane.Core.Results;
using ControlPlane.Core.State;
using ControlPlane.TestKit.Databases;

namespace ControlPlane.Core.Tests.Containers.Moving;

public sealed class RetryTests
{
    private static readonly ContainerCreateRequest Web = new() { Name = "web", Image = "busybox" };

    [Theory, DatabaseData]
    public async Task A_create_that_a_node_refuses_for_its_own_reason_lands_on_the_next_one_with_the_history(DatabaseKind kind)
    {
        await using var world = await ContainerWorld.CreateAsync(kind);
        var agents = Agents(world, 2);
        RefuseFirst(agents, 1, Full);

        var created = (await world.CreateAsync(Web)).Value;

        var (refused, took) = agents[0].Engine.IsEmpty ? (agents[0], agents[1]) : (agents[1], agents[0]);
        took.Engine.Values.ShouldHaveSingleItem().ClusterId.ShouldBe(created.Id);
        refused.Engine.ShouldBeEmpty();
        created.Container!.Node.ShouldBe(took.NodeId);
        created.Placement.Node.ShouldBe(took.NodeId);
        var past = created.Placement.History.ShouldHaveSingleItem();
        (past.Node, past.Reason).ShouldBe((refused.NodeId, "refused it: no space left on device"));
        created.Operation.Message.ShouldBe($"{refused.NodeId} refused it: no space left on device");
        var row = (await world.RowsAsync()).ShouldHaveSingleItem();
        row.NodeId.ShouldBe(took.NodeId);
        row.SpecJson.ShouldContain($"\"controlplane.node\":\"{took.NodeId}\"");
        ((CreateContainer)took.Received.Single()).SpecJson.ShouldBe(row.SpecJson);
        (await world.AuditAsync()).Select(entry => (entry.Action, entry.Result)).ShouldBe([("containers.create", "ok"), ("containers.create", "ok")]);
        await ContainerWorld.UntilAsync(async () => (await world.RowsAsync()).Single().Phase == ContainerPhase.Present);
    }

    [Theory, DatabaseData]
    public async Task The_intent_is_on_the_new_node_before_that_is_told(DatabaseKind kind)
    {
        await using var world = await ContainerWorld.CreateAsync(kind);
        var agents = Agents(world, 2);
        RefuseFirst(agents, 1, Full);
        var seen = new List<(string Told, string Row, string? State)>();
        foreach (var agent in agents)
        {
            agent.Before = async () => seen.Add((agent.NodeId, (await world.RowsAsync()).Single().NodeId, world.State.Current.AllContainers.Single().NodeId));
        }

        await world.CreateAsync(Web);

        seen.Count.ShouldBe(2);
        seen.ShouldAllBe(one => one.Told == one.Row && one.Told == one.State);
    }

    [Theory, DatabaseData]
    public async Task At_most_two_more_nodes_are_tried_and_the_refusal_names_them_all(DatabaseKind kind)
    {
        await using var world = await ContainerWorld.CreateAsync(kind);
        var agents = Agents(world, 5);
        RefuseFirst(agents, 5, Full);

        var error = (await world.CreateAsync(Web)).Error.ShouldBeOfType<EngineError>();

        agents.Sum(agent => agent.Received.Count).ShouldBe(3);
        foreach (var asked in agents.Where(agent => !agent.Received.IsEmpty))
        {
            error.Message.ShouldContain(asked.NodeId);
        }

        (await world.RowsAsync()).ShouldBeEmpty();
        world.State.Current.Containers.ShouldBeEmpty();
        world.State.Write(writer => writer.Placement.ReservationCount).ShouldBe(0);
        world.State.Write(writer => writer.Placement.FindByName("web")).ShouldBeNull();
    }

    [Theory, DatabaseData]
    public async Task A_port_that_something_else_has_sends_the_container_elsewhere_and_what_was_made_is_removed(DatabaseKind kind)
    {
        await using var world = await ContainerWorld.CreateAsync(kind);
        world.Reschedule();
        var agents = Agents(world, 2);
        RefuseFirst(agents, 1, (agent, command) => agent.Do(((CreateContainer)command) with { Start = false }) with
        {
            Outcome = CommandOutcome.Failed, Code = "engine.refused", Message = "bind: address already in use", EngineStatus = 500,
        });

        var created = (await world.CreateAsync(Web)).Value;

        created.Container!.State.ShouldBe("running");
        created.Placement.History.ShouldHaveSingleItem().Reason.ShouldContain("address already in use");
        await ContainerWorld.UntilAsync(() => agents.Sum(agent => agent.Engine.Count) == 1 && world.State.Current.Containers.Count == 1);
        agents.Single(agent => !agent.Engine.IsEmpty).NodeId.ShouldBe(created.Container.Node);
        await ContainerWorld.UntilAsync(async () => !(await world.RowsAsync()).Single().RequestJson.Contains("\"engineId\"", StringComparison.Ordinal));
    }

    [Theory, DatabaseData]
    public async Task An_unclear_outcome_is_tried_nowhere_else(DatabaseKind kind)
    {
        await using var world = await ContainerWorld.CreateAsync(kind);
        var agents = Agents(world, 2);
        RefuseFirst(agents, 2, (_, command) => new CommandResult { CommandId = command.Id, Outcome = CommandOutcome.Unclear, Code = "command.deadline" });

        var created = (await world.CreateAsync(Web, TimeSpan.FromMilliseconds(200))).Value;

        await ContainerWorld.UntilAsync(() => !world.Launches.IsRunning(created.Id));
        agents.Count(agent => !agent.Received.IsEmpty).ShouldBe(1);
        (await world.RowsAsync()).Single().Phase.ShouldBe(ContainerPhase.Creating);
    }

    [Theory, DatabaseData]
    public async Task Who_waits_for_a_create_is_told_when_its_outcome_is_unclear(DatabaseKind kind)
    {
        await using var world = await ContainerWorld.CreateAsync(kind);
        var agents = Agents(world, 1);
        RefuseFirst(agents, 100, (_, command) => new CommandResult { CommandId = command.Id, Outcome = CommandOutcome.Unclear, Code = "command.deadline", Message = "It broke off." });

        var created = (await world.CreateAsync(Web, TimeSpan.FromMinutes(15)).WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken)).Value;

        created.Operation.State.ShouldBe("running");
        created.Operation.Message.ShouldContain("It broke off.");
    }

    [Theory, DatabaseData]
    public async Task A_pull_that_failed_goes_once_to_a_node_that_holds_the_image(DatabaseKind kind)
    {
        await using var world = await ContainerWorld.CreateAsync(kind);
        var agents = Agents(world, 4);
        Hold(world, agents[3], "busybox:latest");
        foreach (var agent in agents.Take(3))
        {
            agent.Script = command => PullFailed(command, "dial tcp: i/o timeout");
        }

        var created = (await world.CreateAsync(Web)).Value;

        created.Container!.Node.ShouldBe(agents[3].NodeId);
        agents.Take(3).Sum(agent => agent.Received.Count).ShouldBeLessThan(2);
        (((CreateContainer)agents[3].Received.Single()).PullImage is null).ShouldBe(agents.Take(3).Any(agent => !agent.Received.IsEmpty));
    }

    [Theory, DatabaseData]
    public async Task A_pull_that_failed_is_not_tried_on_nodes_that_would_have_to_pull_too(DatabaseKind kind)
    {
        await using var world = await ContainerWorld.CreateAsync(kind);
        var agents = Agents(world, 3);
        RefuseFirst(agents, 3, (_, command) => PullFailed(command, "manifest unknown"));

        var error = (await world.CreateAsync(Web)).Error!;

        error.Message.ShouldContain("manifest unknown");
        agents.Sum(agent => agent.Received.Count).ShouldBe(1);
        world.Registries.IsSilent("busybox").ShouldBeFalse();
    }

    [Theory, DatabaseData]
    public async Task While_a_registry_is_silent_nodes_that_hold_its_images_come_first(DatabaseKind kind)
    {
        await using var world = await ContainerWorld.CreateAsync(kind);
        var agents = Agents(world, 3);
        foreach (var agent in agents)
        {
            agent.Script = command => PullFailed(command, "dial tcp: i/o timeout");
        }

        await world.CreateAsync(Web);
        world.Registries.IsSilent("busybox").ShouldBeTrue();
        world.Registries.IsSilent("registry.example/app").ShouldBeFalse();
        Hold(world, agents[2], "busybox:latest");
        agents[2].Script = null;
        var nodes = new List<string>();
        for (var i = 0; i < 4; i++)
        {
            nodes.Add((await world.CreateAsync(Web with { Name = $"web-{i}" })).Value.Container!.Node);
        }

        nodes.ShouldAllBe(node => node == agents[2].NodeId);
        agents.Sum(agent => agent.Received.Count).ShouldBe(5);
        world.Registries.Answered("busybox");
        world.Registries.IsSilent("busybox").ShouldBeFalse();
    }

    [Theory, DatabaseData]
    public async Task A_server_killed_after_a_refusal_goes_on_and_makes_exactly_one(DatabaseKind kind)
    {
        await using var world = await ContainerWorld.CreateAsync(kind);
        var agents = Agents(world, 2);
        RefuseFirst(agents, 1, Full);
        // The second node hears nothing: the intent is there, the server is killed before anything is sent or heard.
        var asked = 0;
        foreach (var agent in agents)
        {
            var before = agent.Script!;
            agent.Script = command => Interlocked.Increment(ref asked) == 1 ? before(command) : null;
        }

        var accepted = (await world.CreateAsync(Web, TimeSpan.FromMilliseconds(300))).Value;
        await ContainerWorld.UntilAsync(() => asked == 2);

        await using var next = await world.RestartedAsync("n1", "n2");
        var back = new[] { new ScriptedAgent("n1", next.State, next.Links), new ScriptedAgent("n2", next.State, next.Links) };
        foreach (var agent in back)
        {
            next.Sync(agent);
        }

        await ContainerWorld.UntilAsync(() => next.Queries.Get(ContainerWorld.Admin, accepted.Id).Value.State == "running");
        back.Sum(agent => agent.Engine.Count).ShouldBe(1);
        await ContainerWorld.UntilAsync(async () => (await next.Operations.GetAsync(ContainerWorld.Admin, accepted.Operation.Id, default)).Value.State == "succeeded");
        (await next.RowsAsync()).ShouldHaveSingleItem();
    }

    [Theory, DatabaseData]
    public async Task A_server_killed_before_the_retry_tries_again_and_still_finds_the_other_node(DatabaseKind kind)
    {
        await using var world = await ContainerWorld.CreateAsync(kind);
        var first = world.AddNode("n1");
        first.Script = _ => null;
        var accepted = (await world.CreateAsync(Web, TimeSpan.FromMilliseconds(50))).Value;

        await using var next = await world.RestartedAsync("n1", "n2");
        var back = new[] { new ScriptedAgent("n1", next.State, next.Links), new ScriptedAgent("n2", next.State, next.Links) };
        back[0].Script = command => Full(back[0], command);
        next.Sync(back[1]);
        next.Sync(back[0]);

        await ContainerWorld.UntilAsync(() => next.Queries.Get(ContainerWorld.Admin, accepted.Id).Value is { State: "running", Node: "n2" });
        back[0].Engine.ShouldBeEmpty();
        back[1].Engine.Count.ShouldBe(1);
    }

    [Theory, DatabaseData]
    public async Task Parallel_creates_with_refusals_never_share_a_name_or_a_port(DatabaseKind kind)
    {
        await using var world = await ContainerWorld.CreateAsync(kind);
        var agents = Agents(world, 3);
        foreach (var agent in agents)
        {
            var count = 0;
            agent.Script = command => Interlocked.Increment(ref count) % 3 == 0 ? Full(agent, command) : agent.Do(command);
        }

        var names = Enumerable.Range(0, 8).Select(i => $"app-{i}").ToArray();
        var outcomes = await Task.WhenAll(names.SelectMany(name => Enumerable.Range(0, 3).Select(_ => Task.Run(() => world.CreateAsync(
            new ContainerCreateRequest { Name = name, Image = "busybox", Ports = [new PortRequest { ContainerPort = 80, HostPort = 8000 + (name[^1] % 4) }] })))));

        var made = agents.SelectMany(agent => agent.Engine.Values.Select(one => (agent.NodeId, one))).ToList();
        made.Select(one => one.one.Name).ShouldBeUnique();
        made.Count.ShouldBe(outcomes.Count(outcome => outcome.IsSuccess && outcome.Value.Container is not null));
        made.GroupBy(one => (one.NodeId, one.one.Name[^1] % 4)).ShouldAllBe(group => group.Count() == 1);
        world.State.Write(writer => writer.Placement.ReservationCount).ShouldBe(0);
        (await world.RowsAsync()).Count.ShouldBe(made.Count);
    }

    private static ScriptedAgent[] Agents(ContainerWorld world, int count) => [.. Enumerable.Range(1, count).Select(i => world.AddNode($"n{i}"))];

    /// <summary>The first so many commands of all are answered so, whoever gets them.</summary>
    private static void RefuseFirst(ScriptedAgent[] agents, int count, Func<ScriptedAgent, AgentCommand, CommandResult> answer)
    {
        var left = count;
        foreach (var agent in agents)
        {
            agent.Script = command => command is CreateContainer && Interlocked.Decrement(ref left) >= 0 ? answer(agent, command) : agent.Do(command);
        }
    }

    private static CommandResult Full(ScriptedAgent agent, AgentCommand command) => new()
    {
        CommandId = command.Id, Outcome = CommandOutcome.Failed, Code = "engine.refused", Message = "no space left on device", EngineStatus = 500, NothingChanged = true,
    };

    private static CommandResult PullFailed(AgentCommand command, string message) => new()
    {
        CommandId = command.Id, Outcome = CommandOutcome.Failed, Code = "image.pull_failed", Message = message, EngineStatus = 500, NothingChanged = true,
    };

    private static void Hold(ContainerWorld world, ScriptedAgent agent, string tag) => world.State.Write(writer => writer.Put(
        ContentFacts.With(writer.Node(agent.NodeId)!, [new ImageReport("sha256:1", [tag], [], 1, DateTime.UnixEpoch)], null, null)));
}
