using ControlPlane.Agent.Tests.Fakes;

namespace ControlPlane.Agent.Tests.Session;

public sealed class EngineRestartTests(RealEngine engine) : IClassFixture<RealEngine>
{
    [Fact]
    public async Task An_engine_that_was_killed_is_down_and_comes_back_with_everything()
    {
        using var authority = new TestAuthority();
        using var data = new TempDirectory();
        await using var server = await FakeControlPlane.StartAsync(authority);
        await using var agent = new RunningAgent(data.Path, engine.Socket, server);
        await server.Seen.Until(seen => seen.Full && seen.Heartbeats.Exists(heartbeat => heartbeat.EngineUp));
        var id = (await server.RunAsync(RealEngineTests.Create())).Container!.EngineId;

        await engine.KillDaemonAsync();

        await server.Seen.Until(seen => !seen.Heartbeats[^1].EngineUp);
        var refused = await server.RunAsync(RealEngineTests.Create());
        refused.Code.ShouldBe("engine.unreachable");
        refused.NothingChanged.ShouldBeTrue();
        var reports = server.Seen.Reports.Count;

        engine.StartDaemon();
        await engine.ReadyAsync();

        await server.Seen.Until(seen => seen.Heartbeats[^1].EngineUp && seen.Reports.Skip(reports).Any(report => report.Full));
        var state = await engine.DockerAsync("inspect -f '{{.State.Status}}' " + id);
        await server.Seen.Until(seen => seen.Containers[id].State == state);
        server.Seen.Hellos.Count.ShouldBe(1);
    }
}
