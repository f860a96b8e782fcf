using System.Net.WebSockets;
using System.Text.Json;
using ControlPlane.Api.Agents.Tunnels;
using ControlPlane.Contracts.Agents;
using ControlPlane.Contracts.Tunnels;
using ControlPlane.Core.Nodes.Links;

namespace ControlPlane.Api.Tests.Agents;

public sealed class TunnelTests : IAsyncLifetime
{
    private static readonly TunnelRequest Logs = new ContainerLogs(new string('1', 64), true, true, true, null, null, null, false);

    private readonly List<Task> _serving = [];
    private AgentDoorHost _host = null!;
    private SimulatedAgent _agent = null!;

    public async ValueTask InitializeAsync()
    {
        _host = await AgentDoorHost.StartAsync();
        _agent = new SimulatedAgent(_host.Http);
        await _agent.JoinAsync((await _host.NewTokenAsync()).Text);
        await _agent.ConnectAsync();
        await _agent.ReportAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _agent.DisposeAsync();
        await _host.DisposeAsync();
    }

    private ITunnels Tunnels => _host.Get<ITunnels>();

    [Fact]
    public async Task A_request_goes_through_and_its_tunnel_serves_the_next()
    {
        var dialled = 0;
        _agent.OnOpenTunnels = count =>
        {
            dialled += count;
            Serve(AnswerAsync);
            return Task.CompletedTask;
        };

        for (var i = 0; i < 5; i++)
        {
            var reply = (await Tunnels.OpenAsync(_agent.NodeId, Logs, CancellationToken.None)).Value;
            reply.Head.Status.ShouldBe(200);
            using var reader = new StreamReader(reply.Body);
            (await reader.ReadToEndAsync()).ShouldBe("hello world");
            await reply.DisposeAsync();
        }

        dialled.ShouldBe(1);
    }

    [Fact]
    public async Task Given_up_early_the_agent_is_told_and_the_next_request_gets_another_tunnel()
    {
        var reset = new TaskCompletionSource();
        _agent.OnOpenTunnels = _ =>
        {
            Serve(async channel =>
            {
                await HeadAsync(channel);
                await channel.SendDataAsync("first"u8.ToArray(), CancellationToken.None);
                while ((await channel.ReceiveAsync(CancellationToken.None)).Kind != TunnelFrame.Reset)
                {
                    // The end of the request comes first.
                }

                reset.TrySetResult();
            });
            return Task.CompletedTask;
        };

        var reply = (await Tunnels.OpenAsync(_agent.NodeId, Logs, CancellationToken.None)).Value;
        (await reply.Body.ReadAsync(new byte[100])).ShouldBe(5);
        await reply.DisposeAsync();

        await reset.Task.WaitAsync(TimeSpan.FromSeconds(5));
        (await Tunnels.OpenAsync(_agent.NodeId, Logs, CancellationToken.None)).IsSuccess.ShouldBeTrue();
    }

    [Fact]
    public async Task An_answer_that_breaks_off_is_an_error_and_not_a_short_body()
    {
        _agent.OnOpenTunnels = _ =>
        {
            Serve(async channel =>
            {
                await HeadAsync(channel);
                await channel.SendDataAsync("half"u8.ToArray(), CancellationToken.None);
                await channel.SendAsync(TunnelFrame.Reset, "engine died"u8.ToArray(), CancellationToken.None);
                while (channel.IsOpen)
                {
                    // Until the server hangs up.
                    await channel.ReceiveAsync(CancellationToken.None);
                }
            });
            return Task.CompletedTask;
        };

        var reply = (await Tunnels.OpenAsync(_agent.NodeId, Logs, CancellationToken.None)).Value;
        using var reader = new StreamReader(reply.Body);

        (await Should.ThrowAsync<IOException>(() => reader.ReadToEndAsync())).Message.ShouldContain("engine died");
    }

    [Fact]
    public async Task A_lost_session_breaks_its_streams()
    {
        _agent.OnOpenTunnels = _ =>
        {
            Serve(async channel =>
            {
                await HeadAsync(channel);
                await Task.WhenAny(channel.ReceiveAsync(CancellationToken.None).AsTask(), Task.Delay(TimeSpan.FromSeconds(20), TimeProvider.System, CancellationToken.None));
                await Task.Delay(TimeSpan.FromSeconds(20), TimeProvider.System, CancellationToken.None);
            });
            return Task.CompletedTask;
        };
        var reply = (await Tunnels.OpenAsync(_agent.NodeId, Logs, CancellationToken.None)).Value;
        var reading = reply.Body.ReadAsync(new byte[1]).AsTask();

        await _agent.Hub!.DisposeAsync();

        await Should.ThrowAsync<IOException>(() => reading.WaitAsync(TimeSpan.FromSeconds(5)));
        (await Tunnels.OpenAsync(_agent.NodeId, Logs, CancellationToken.None)).Error!.Code.ShouldBe("node.not_connected");
    }

    [Fact]
    public async Task A_node_that_opens_no_tunnel_is_an_error_in_five_seconds() =>
        (await Tunnels.OpenAsync(_agent.NodeId, Logs, CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(7))).Error!.Code.ShouldBe("tunnel.unavailable");

    [Fact]
    public async Task A_wrong_key_opens_no_tunnel()
    {
        using var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Authorization", "Bearer nope");

        await Should.ThrowAsync<WebSocketException>(() => socket.ConnectAsync(Address, CancellationToken.None));
    }

    private Uri Address => new(new UriBuilder(new Uri(_host.Http.BaseAddress!, AgentProtocol.TunnelPath)) { Scheme = "ws" }.ToString());

    private static async Task AnswerAsync(TunnelChannel channel)
    {
        while (true)
        {
            await HeadAsync(channel);
            await channel.SendDataAsync("hello "u8.ToArray(), CancellationToken.None);
            await channel.SendDataAsync("world"u8.ToArray(), CancellationToken.None);
            (await channel.ReceiveAsync(CancellationToken.None)).Kind.ShouldBe(TunnelFrame.End);
            await channel.SendEndAsync(CancellationToken.None);
            channel.Renew();
        }
    }

    private static async Task HeadAsync(TunnelChannel channel)
    {
        var (kind, payload) = await channel.ReceiveAsync(CancellationToken.None);
        kind.ShouldBe(TunnelFrame.Request);
        JsonSerializer.Deserialize(payload.Span, AgentJson.Default.TunnelRequest).ShouldBeOfType<ContainerLogs>();
        var head = JsonSerializer.SerializeToUtf8Bytes(new TunnelResponse(200, "text/plain"), AgentJson.Default.TunnelResponse);
        await channel.SendAsync(TunnelFrame.Response, head, CancellationToken.None);
    }

    private void Serve(Func<TunnelChannel, Task> agent) => _serving.Add(Task.Run(async () =>
    {
        using var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Authorization", $"Bearer {_agent.Welcome!.TunnelKey}");
        await socket.ConnectAsync(Address, CancellationToken.None);
        await using var channel = new TunnelChannel(socket);
        await agent(channel);
    }));
}
