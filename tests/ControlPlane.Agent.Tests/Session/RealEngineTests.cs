using System.Text.Json;
using ControlPlane.Agent.Tests.Fakes;
using ControlPlane.Contracts.Agents;

namespace ControlPlane.Agent.Tests.Session;

public sealed class RealEngineTests(RealEngine engine) : IClassFixture<RealEngine>
{
    [Fact]
    public async Task An_agent_joins_reports_everything_and_creates_and_starts_a_container()
    {
        using var authority = new TestAuthority();
        using var data = new TempDirectory();
        await using var server = await FakeControlPlane.StartAsync(authority);
        await using var agent = new RunningAgent(data.Path, engine.Socket, server);
        await server.Seen.Until(seen => seen.Full);

        var create = Create();
        var result = await server.RunAsync(create);

        result.Outcome.ShouldBe(CommandOutcome.Done, result.Message);
        result.Container!.State.ShouldBe("running");
        result.Container.ClusterId.ShouldBe(create.ClusterId);
        await server.Seen.Until(seen => seen.Heartbeats.Count > 0 && seen.Heartbeats[^1].Digest == Digest(seen));
        server.Seen.Containers.ShouldContainKey(result.Container.EngineId);
        server.Seen.Reports.SelectMany(report => report.Images ?? []).ShouldContain(image => image.Tags.Contains("busybox:latest"));

        var removed = await server.RunAsync(Remove(result.Container.EngineId));

        removed.Outcome.ShouldBe(CommandOutcome.Done, removed.Message);
        server.Seen.Containers.ShouldNotContainKey(result.Container.EngineId);
    }

    [Fact]
    public async Task What_an_image_was_built_for_follows_the_inventory()
    {
        using var authority = new TestAuthority();
        using var data = new TempDirectory();
        await using var server = await FakeControlPlane.StartAsync(authority);
        await using var agent = new RunningAgent(data.Path, engine.Socket, server);

        await server.Seen.Until(seen => Busybox(seen) is { Os: not null, Architecture: not null });

        var expected = await engine.DockerAsync("image inspect -f '{{.Os}}/{{.Architecture}}' busybox:latest");
        $"{Busybox(server.Seen)!.Os}/{Busybox(server.Seen)!.Architecture}".ShouldBe(expected);
        await engine.DockerAsync("tag busybox:latest other:1");
        await server.Seen.Until(seen => LastImages(seen).Any(image => image.Tags.Contains("other:1")));
        LastImages(server.Seen).Single(image => image.Tags.Contains("other:1")).Architecture.ShouldNotBeNull("what is known once is there at once");
        await engine.DockerAsync("rmi other:1");
    }

    [Fact]
    public async Task A_repeated_command_and_a_second_command_for_the_same_cluster_id_make_one_container()
    {
        using var authority = new TestAuthority();
        using var data = new TempDirectory();
        await using var server = await FakeControlPlane.StartAsync(authority);
        await using var agent = new RunningAgent(data.Path, engine.Socket, server);
        await server.Seen.Until(seen => seen.Full);
        var create = Create();

        await Task.WhenAll(server.SendAsync(create), server.SendAsync(create), server.SendAsync(create with { Id = "again" }));
        await server.Seen.Until(seen => seen.Results.Exists(result => result.CommandId == create.Id) && seen.Results.Exists(result => result.CommandId == "again"));

        (await engine.DockerAsync($"ps -aq --filter label=controlplane.id={create.ClusterId} | wc -l")).ShouldBe("1");
        server.Seen.Results.ShouldAllBe(result => result.Outcome == CommandOutcome.Done);
    }

    [Fact]
    public async Task An_agent_stopped_in_the_middle_of_creates_makes_no_duplicates_when_it_is_asked_again()
    {
        using var authority = new TestAuthority();
        using var data = new TempDirectory();
        await using var server = await FakeControlPlane.StartAsync(authority);
        List<CreateContainer> creates = [.. Enumerable.Range(0, 10).Select(_ => Create())];
        await using (new RunningAgent(data.Path, engine.Socket, server))
        {
            await server.Seen.Until(seen => seen.Full);
            await Task.WhenAll(creates.Select(server.SendAsync));
            await server.Seen.Until(seen => seen.Results.Count > 1);
        }

        await using var again = new RunningAgent(data.Path, engine.Socket, server);
        await server.Seen.Until(seen => seen.Hellos.Count == 2);
        foreach (var create in creates)
        {
            (await server.RunAsync(create with { Id = create.Id + "-2" })).Outcome.ShouldBe(CommandOutcome.Done);
        }

        foreach (var create in creates)
        {
            (await engine.DockerAsync($"ps -aq --filter label=controlplane.id={create.ClusterId} | wc -l")).ShouldBe("1");
        }
    }

    [Fact]
    public async Task Every_action_is_done_and_repeating_it_is_done_too()
    {
        using var authority = new TestAuthority();
        using var data = new TempDirectory();
        await using var server = await FakeControlPlane.StartAsync(authority);
        await using var agent = new RunningAgent(data.Path, engine.Socket, server);
        await server.Seen.Until(seen => seen.Full);
        var id = (await server.RunAsync(Create())).Container!.EngineId;

        await DoneAsync(server, new PauseContainer { Id = "p1", DeadlineMilliseconds = 9000, EngineId = id }, "paused");
        await DoneAsync(server, new PauseContainer { Id = "p2", DeadlineMilliseconds = 9000, EngineId = id }, "paused");
        await DoneAsync(server, new UnpauseContainer { Id = "u1", DeadlineMilliseconds = 9000, EngineId = id }, "running");
        await DoneAsync(server, new UnpauseContainer { Id = "u2", DeadlineMilliseconds = 9000, EngineId = id }, "running");
        await DoneAsync(server, new StartContainer { Id = "s1", DeadlineMilliseconds = 9000, EngineId = id }, "running");
        await DoneAsync(server, new RestartContainer { Id = "r1", DeadlineMilliseconds = 9000, EngineId = id, TimeoutSeconds = 0 }, "running");
        await DoneAsync(server, new UpdateContainer { Id = "l1", DeadlineMilliseconds = 9000, EngineId = id, SpecJson = """{"RestartPolicy":{"Name":"always"}}""" }, "running");
        await DoneAsync(server, new RenameContainer { Id = "n1", DeadlineMilliseconds = 9000, EngineId = id, NewName = "renamed-1" }, "running");
        server.Seen.Containers[id].Name.ShouldBe("renamed-1");
        server.Seen.Containers[id].RestartPolicy.ShouldBe("always");
        await DoneAsync(server, new StopContainer { Id = "t1", DeadlineMilliseconds = 9000, EngineId = id, TimeoutSeconds = 0 }, "exited");
        await DoneAsync(server, new StopContainer { Id = "t2", DeadlineMilliseconds = 9000, EngineId = id, TimeoutSeconds = 0 }, "exited");
        var kill = await server.RunAsync(new KillContainer { Id = "k1", DeadlineMilliseconds = 9000, EngineId = id, Signal = "SIGKILL" });
        kill.Outcome.ShouldBe(CommandOutcome.Failed);
        kill.EngineStatus.ShouldBe(409);
        (await server.RunAsync(Remove(id))).Outcome.ShouldBe(CommandOutcome.Done);
        (await server.RunAsync(Remove(id))).Outcome.ShouldBe(CommandOutcome.Done);
        (await server.RunAsync(new StartContainer { Id = "s2", DeadlineMilliseconds = 9000, EngineId = id })).Code.ShouldBe("container.not_found");
    }

    [Fact]
    public async Task Failures_of_a_create_say_what_is_wrong_and_whether_something_is_left()
    {
        using var authority = new TestAuthority();
        using var data = new TempDirectory();
        await using var server = await FakeControlPlane.StartAsync(authority);
        await using var agent = new RunningAgent(data.Path, engine.Socket, server);
        await server.Seen.Until(seen => seen.Full);

        var noImage = await server.RunAsync(Create(image: "nothing:1"));
        noImage.Code.ShouldBe("image.not_found");
        noImage.NothingChanged.ShouldBeTrue();

        var noPull = await server.RunAsync(Create(image: "127.0.0.1:1/nothing:1") with { PullImage = "127.0.0.1:1/nothing:1" });
        noPull.Code.ShouldBe("image.pull_failed");
        noPull.NothingChanged.ShouldBeTrue();

        var noCommand = await server.RunAsync(Create(command: "/does/not/exist"));
        noCommand.Outcome.ShouldBe(CommandOutcome.Failed);
        noCommand.Container.ShouldNotBeNull();
        noCommand.NothingChanged.ShouldBeFalse();

        var first = await server.RunAsync(Create());
        var taken = await server.RunAsync(Create(name: first.Container!.Name));
        taken.EngineStatus.ShouldBe(409);
        taken.NothingChanged.ShouldBeTrue();
    }

    [Fact]
    public async Task What_somebody_does_on_the_engine_is_seen_without_asking()
    {
        using var authority = new TestAuthority();
        using var data = new TempDirectory();
        await using var server = await FakeControlPlane.StartAsync(authority);
        await using var agent = new RunningAgent(data.Path, engine.Socket, server);
        await server.Seen.Until(seen => seen.Full);

        var id = await engine.DockerAsync("run -d --network none busybox sleep 100");
        await server.Seen.Until(seen => seen.Containers.GetValueOrDefault(id) is { State: "running" });
        await engine.DockerAsync($"kill {id}");
        await server.Seen.Until(seen => seen.Containers.GetValueOrDefault(id) is { State: "exited", ExitCode: 137 });
        await engine.DockerAsync($"rm {id}");
        await server.Seen.Until(seen => !seen.Containers.ContainsKey(id));
        await engine.DockerAsync("volume create v1");
        await server.Seen.Until(seen => seen.Reports.Exists(report => report.Volumes?.Any(volume => volume.Name == "v1") == true));
        await server.Seen.Until(seen => seen.Heartbeats[^1].Digest == Digest(seen));
        server.Seen.Reports.SelectMany(report => report.Events).ShouldContain(found => found.ObjectId == id && found.Action == "die" && found.Detail == "exit code 137");
    }

    [Fact]
    public async Task A_hung_engine_is_told_by_heartbeats_and_costs_its_commands_their_deadline_only()
    {
        using var authority = new TestAuthority();
        using var data = new TempDirectory();
        await using var server = await FakeControlPlane.StartAsync(authority);
        await using var agent = new RunningAgent(data.Path, engine.Socket, server);
        await server.Seen.Until(seen => seen.Full && seen.Heartbeats.Exists(heartbeat => heartbeat.EngineUp));
        var create = Create() with { DeadlineMilliseconds = 1500 };
        await RealEngine.Bash($"kill -STOP {engine.ProcessId}");
        try
        {
            var result = await server.RunAsync(create);

            result.Outcome.ShouldNotBe(CommandOutcome.Done);
            result.Code.ShouldBe("command.deadline");
            await server.Seen.Until(seen => !seen.Heartbeats[^1].EngineUp);
            var before = server.Seen.Heartbeats.Count;
            await server.Seen.Until(seen => seen.Heartbeats.Count > before + 2);
        }
        finally
        {
            await RealEngine.Bash($"kill -CONT {engine.ProcessId}");
        }

        await server.Seen.Until(seen => seen.Heartbeats[^1].EngineUp);
        (await server.RunAsync(create with { Id = "later", DeadlineMilliseconds = 20_000 })).Outcome.ShouldBe(CommandOutcome.Done);
        server.Seen.Hellos.Count.ShouldBe(1);
    }

    [Fact]
    public async Task After_the_server_returned_a_result_from_meanwhile_and_the_whole_inventory_arrive()
    {
        using var authority = new TestAuthority();
        using var data = new TempDirectory();
        var server = await FakeControlPlane.StartAsync(authority);
        await using var agent = new RunningAgent(data.Path, engine.Socket, server);
        await server.Seen.Until(seen => seen.Full);
        var slow = Create();
        var (port, token, key) = (server.Address.Port, server.Token, server.PublicKey);
        await RealEngine.Bash($"kill -STOP {engine.ProcessId}");
        try
        {
            // Commands arrive in order: the answer to the second says that the first is at work.
            await server.SendAsync(slow);
            await server.RunAsync(Create() with { DeadlineMilliseconds = 1 });
            await server.DisposeAsync();
        }
        finally
        {
            await RealEngine.Bash($"kill -CONT {engine.ProcessId}");
        }

        await using var next = await FakeControlPlane.StartAsync(authority, port: port);
        next.Know(key);

        var result = await next.Seen.Until(seen => seen.Full ? seen.Results.Find(found => found.CommandId == slow.Id) : null);
        result.Outcome.ShouldBe(CommandOutcome.Done);
        next.Seen.Containers.ShouldContainKey(result.Container!.EngineId);
        token.ShouldNotBe(next.Token);
    }

    private static async Task DoneAsync(FakeControlPlane server, ContainerCommand command, string state)
    {
        var result = await server.RunAsync(command);
        result.Outcome.ShouldBe(CommandOutcome.Done, $"{command.GetType().Name}: {result.Message}");
        result.Container!.State.ShouldBe(state, command.Id);
    }

    internal static ulong Digest(FakeControlPlane.Record seen) => seen.Containers.Values.Aggregate(0UL, (sum, container) => sum + InventoryDigest.Of(container));

    internal static RemoveContainer Remove(string engineId) => new()
    {
        Id = Guid.NewGuid().ToString("N"), DeadlineMilliseconds = 20_000, EngineId = engineId, Force = true, Volumes = true,
    };

    internal static CreateContainer Create(string? clusterId = null, string image = "busybox", string command = "sleep 1000", string? name = null)
    {
        clusterId ??= Guid.NewGuid().ToString("N") + Guid.NewGuid().ToString("N");
        var labels = $$"""{"controlplane.id":"{{clusterId}}"}""";
        return new CreateContainer
        {
            Id = Guid.NewGuid().ToString("N"),
            DeadlineMilliseconds = 20_000,
            ClusterId = clusterId,
            Name = name ?? "c-" + clusterId[..8],
            SpecJson = "{" + $"\"Image\":\"{image}\",\"Cmd\":{JsonSerializer.Serialize(command.Split(' '))},\"Labels\":{labels},\"HostConfig\":" + "{\"NetworkMode\":\"none\"}}",
            Start = true,
        };
    }

    private static IReadOnlyList<ImageReport> LastImages(FakeControlPlane.Record seen) => seen.Reports.LastOrDefault(report => report.Images is not null)?.Images ?? [];

    private static ImageReport? Busybox(FakeControlPlane.Record seen) => LastImages(seen).FirstOrDefault(image => image.Tags.Contains("busybox:latest"));
}
