using System.Buffers;
using System.Text;
using System.Text.Json;
using ControlPlane.Agent.Tests.Fakes;
using ControlPlane.Agent.Tests.Session;
using ControlPlane.Contracts.Agents;
using ControlPlane.Contracts.Tunnels;
using Microsoft.AspNetCore.SignalR;

namespace ControlPlane.Agent.Tests.Tunnels;

public sealed class TunnelTests(RealEngine engine) : IClassFixture<RealEngine>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task A_tunnel_carries_one_request_after_the_other_and_the_pool_stays_warm()
    {
        using var authority = new TestAuthority();
        using var data = new TempDirectory();
        await using var server = await FakeControlPlane.StartAsync(authority);
        server.WarmTunnels = 2;
        await using var agent = new RunningAgent(data.Path, engine.Socket, server);
        await server.Seen.Until(seen => seen.Full && seen.Tunnels.Count == 2);
        var id = (await server.RunAsync(RealEngineTests.Create(command: "echo hello"))).Container!.EngineId;
        await server.Seen.Until(seen => seen.Containers[id].State == "exited");
        using var socket = TunnelChannel.OfServer(server.Seen.Tunnels[0].Socket);

        var (status, inspect) = await AskAsync(socket, new InspectContainer(id));
        status.ShouldBe(200);
        JsonDocument.Parse(inspect).RootElement.GetProperty("Id").GetString().ShouldBe(id);
        await server.Seen.Until(seen => seen.Tunnels.Count == 3);

        var (logStatus, log) = await AskAsync(socket, new ContainerLogs(id, false, true, true, null, null, null, false));
        logStatus.ShouldBe(200);
        Encoding.UTF8.GetString(log.AsSpan(8)).ShouldBe("hello\n");

        var (refused, text) = await AskAsync(socket, new InspectContainer("short"));
        refused.ShouldBe(403);
        Encoding.UTF8.GetString(text).ShouldContain("64 hex digits");

        var (missing, _) = await AskAsync(socket, new InspectContainer(new string('0', 64)));
        missing.ShouldBe(404);

        await server.Hub.Clients.All.SendAsync(nameof(IAgentClient.OpenTunnels), 3);
        await server.Seen.Until(seen => seen.Tunnels.Count == 6);
    }

    [Fact]
    public async Task A_followed_log_flows_at_once_and_a_reset_ends_it()
    {
        using var authority = new TestAuthority();
        using var data = new TempDirectory();
        await using var server = await FakeControlPlane.StartAsync(authority);
        server.WarmTunnels = 1;
        await using var agent = new RunningAgent(data.Path, engine.Socket, server);
        await server.Seen.Until(seen => seen.Full && seen.Tunnels.Count == 1);
        var id = (await server.RunAsync(RealEngineTests.Create())).Container!.EngineId;
        using var socket = TunnelChannel.OfServer(server.Seen.Tunnels[0].Socket);

        var turn = await socket.BeginAsync(
            JsonSerializer.SerializeToUtf8Bytes(new ContainerLogs(id, true, true, true, null, null, null, false), AgentJson.Default.TunnelRequest), isWhole: false, CancellationToken.None);
        await turn.Head.WaitAsync(Patience);
        await socket.ResetAsync("", CancellationToken.None);

        // The agent hangs up.
        await Should.ThrowAsync<IOException>(() => turn.Ended.WaitAsync(Patience));
    }

    [Fact]
    public async Task Watched_containers_are_reported_every_two_seconds()
    {
        using var authority = new TestAuthority();
        using var data = new TempDirectory();
        await using var server = await FakeControlPlane.StartAsync(authority);
        await using var agent = new RunningAgent(data.Path, engine.Socket, server);
        await server.Seen.Until(seen => seen.Full);
        var id = (await server.RunAsync(RealEngineTests.Create())).Container!.EngineId;

        await server.Hub.Clients.All.SendAsync(nameof(IAgentClient.WatchUsage), new List<string> { id });

        var report = await server.Seen.Until(seen => seen.Usage.FirstOrDefault());
        report.Containers.ShouldHaveSingleItem().EngineId.ShouldBe(id);
        report.Containers[0].MemoryBytes.ShouldBeGreaterThan(0);
        report.Containers[0].MemoryLimitBytes.ShouldBeGreaterThan(report.Containers[0].MemoryBytes);
    }

    private static async Task<(int Status, byte[] Body)> AskAsync(TunnelChannel channel, TunnelRequest request)
    {
        using var deadline = new CancellationTokenSource(Patience);
        var turn = await channel.BeginAsync(JsonSerializer.SerializeToUtf8Bytes(request, AgentJson.Default.TunnelRequest), isWhole: false, deadline.Token);
        await turn.SendEndAsync(deadline.Token);
        var head = JsonSerializer.Deserialize((await turn.Head.WaitAsync(deadline.Token)).Span, AgentJson.Default.TunnelResponse)!;
        List<byte> body = [];
        while (await turn.ReadAsync(deadline.Token) is { IsEmpty: false } data)
        {
            body.AddRange(data.ToArray());
            turn.Advance(data.End, (int)data.Length);
        }

        return (head.Status, [.. body]);
    }
}
