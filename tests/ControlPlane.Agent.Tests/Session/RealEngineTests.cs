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
}
