using System.Buffers;
using System.Net.WebSockets;
using System.Text.Json;
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
                var turn = await HeadAsync(channel);
                await turn.SendDataAsync("first"u8.ToArray(), CancellationToken.None);
                await using var watch = turn.Broken.Register(() => reset.TrySetResult());
                await channel.Closed;
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
                var turn = await HeadAsync(channel);
                await turn.SendDataAsync("half"u8.ToArray(), CancellationToken.None);
                var hungUp = new TaskCompletionSource();
                await using var watch = turn.Broken.Register(hungUp.SetResult);
                await channel.ResetAsync("engine died", CancellationToken.None);
                await hungUp.Task;
            });
            return Task.CompletedTask;
        };

        var reply = (await Tunnels.OpenAsync(_agent.NodeId, Logs, CancellationToken.None)).Value;
        using var reader = new StreamReader(reply.Body);

        (await Should.ThrowAsync<IOException>(() => reader.ReadToEndAsync())).Message.ShouldContain("engine died");
    }

    [Fact]
    public async Task A_body_flows_to_the_agent_and_the_answer_comes_before_its_end()
    {
        var got = new TaskCompletionSource<byte[]>();
        ServeEach(async channel =>
        {
            var turn = await HeadAsync(channel);
            await turn.SendDataAsync("early"u8.ToArray(), CancellationToken.None);
            got.SetResult(await ReadAllAsync(turn));
            await turn.SendEndAsync(CancellationToken.None);
            await channel.Closed;
        });
        await using var exchange = (await Tunnels.BeginAsync(_agent.NodeId, new LoadImages(false), CancellationToken.None)).Value;
        await exchange.WriteAsync("one "u8.ToArray(), CancellationToken.None);

        (await exchange.HeadAsync(CancellationToken.None)).Value.Status.ShouldBe(200);
        (await exchange.Body.ReadAsync(new byte[100])).ShouldBe(5);
        await exchange.WriteAsync("two"u8.ToArray(), CancellationToken.None);
        await exchange.EndAsync(CancellationToken.None);

        (await got.Task.WaitAsync(TimeSpan.FromSeconds(5))).ShouldBe("one two"u8.ToArray());
        (await exchange.Body.ReadAsync(new byte[100])).ShouldBe(0);
    }

    [Fact]
    public async Task An_error_ends_the_writing_without_hiding_itself()
    {
        ServeEach(async channel =>
        {
            var turn = await HeadAsync(channel, 409);
            await turn.SendDataAsync("in use"u8.ToArray(), CancellationToken.None);
            await turn.SendEndAsync(CancellationToken.None);
            await channel.Closed;
        });
        await using var exchange = (await Tunnels.BeginAsync(_agent.NodeId, new LoadImages(false), CancellationToken.None)).Value;

        var data = new byte[100_000];
        for (var i = 0; i < 100; i++)
        {
            await exchange.WriteAsync(data, CancellationToken.None);
        }

        await exchange.EndAsync(CancellationToken.None);
        (await exchange.HeadAsync(CancellationToken.None)).Value.Status.ShouldBe(409);
        using var reader = new StreamReader(exchange.Body);
        (await reader.ReadToEndAsync()).ShouldBe("in use");
    }

    [Fact]
    public async Task A_tunnel_whose_answer_came_early_serves_the_next_request()
    {
        var dialled = 0;
        _agent.OnOpenTunnels = _ =>
        {
            dialled++;
            Serve(async channel =>
            {
                var turn = await HeadAsync(channel, 404);
                await turn.SendEndAsync(CancellationToken.None);
                turn.Discard();
                await turn.Ended;
                await AnswerAsync(channel);
            });
            return Task.CompletedTask;
        };
        await using (var exchange = (await Tunnels.BeginAsync(_agent.NodeId, new LoadImages(false), CancellationToken.None)).Value)
        {
            await exchange.WriteAsync(new byte[1_000_000], CancellationToken.None);
            (await exchange.HeadAsync(CancellationToken.None)).Value.Status.ShouldBe(404);
            (await exchange.Body.ReadAsync(new byte[1])).ShouldBe(0);
        }

        await using var reply = (await Tunnels.OpenAsync(_agent.NodeId, Logs, CancellationToken.None)).Value;
        reply.Head.Status.ShouldBe(200);
        dialled.ShouldBe(1);
    }

    [Fact]
    public async Task Disposing_an_exchange_tells_the_agent_also_when_it_takes_nothing()
    {
        var told = new TaskCompletionSource();
        ServeEach(async channel =>
        {
            var turn = await NextAsync(channel);
            await using var watch = turn.Broken.Register(() => told.TrySetResult());
            await channel.Closed;
        });
        var exchange = (await Tunnels.BeginAsync(_agent.NodeId, new LoadImages(false), CancellationToken.None)).Value;
        var writing = Task.Run(async () => await exchange.WriteAsync(new byte[10 * TunnelLimits.Window], CancellationToken.None));
        await exchange.DisposeAsync();

        await told.Task.WaitAsync(TimeSpan.FromSeconds(5));
        await Should.ThrowAsync<IOException>(() => writing.WaitAsync(TimeSpan.FromSeconds(5)));
    }

    [Fact]
    public async Task A_tunnel_that_dies_before_the_request_arrives_is_replaced()
    {
        var attempts = 0;
        _agent.OnOpenTunnels = _ =>
        {
            var attempt = Interlocked.Increment(ref attempts);
            Serve(async channel =>
            {
                if (attempt == 1)
                {
                    await channel.NextAsync(CancellationToken.None);
                    channel.Abort();
                    return;
                }

                await AnswerAsync(channel);
            });
            return Task.CompletedTask;
        };

        await using var exchange = (await Tunnels.BeginAsync(_agent.NodeId, new LoadImages(false), CancellationToken.None)).Value;

        (await exchange.HeadAsync(CancellationToken.None)).Value.Status.ShouldBe(200);
        attempts.ShouldBe(2);
    }

    [Fact]
    public async Task A_request_that_has_arrived_is_never_repeated()
    {
        var attempts = 0;
        _agent.OnOpenTunnels = _ =>
        {
            Interlocked.Increment(ref attempts);
            Serve(async channel =>
            {
                await NextAsync(channel);
                channel.Abort();
            });
            return Task.CompletedTask;
        };

        (await Tunnels.OpenAsync(_agent.NodeId, Logs, CancellationToken.None)).Error!.Code.ShouldBe("tunnel.unavailable");

        attempts.ShouldBe(1);
    }

    [Fact]
    public async Task A_lost_session_breaks_its_streams()
    {
        _agent.OnOpenTunnels = _ =>
        {
            Serve(async channel =>
            {
                await HeadAsync(channel);
                await channel.Closed;
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

    private void ServeEach(Func<TunnelChannel, Task> agent) => _agent.OnOpenTunnels = _ =>
    {
        Serve(agent);
        return Task.CompletedTask;
    };

    private static async Task AnswerAsync(TunnelChannel channel)
    {
        while (true)
        {
            var turn = await HeadAsync(channel);
            await turn.SendDataAsync("hello "u8.ToArray(), CancellationToken.None);
            await turn.SendDataAsync("world"u8.ToArray(), CancellationToken.None);
            await turn.SendEndAsync(CancellationToken.None);
            await turn.Ended;
        }
    }

    private static async Task<TunnelTurn> HeadAsync(TunnelChannel channel, int status = 200)
    {
        var turn = await NextAsync(channel);
        await RespondAsync(turn, status);
        return turn;
    }

    private static async Task<TunnelTurn> NextAsync(TunnelChannel channel)
    {
        var turn = (await channel.NextAsync(CancellationToken.None)).ShouldNotBeNull();
        JsonSerializer.Deserialize((await turn.Head).Span, AgentJson.Default.TunnelRequest).ShouldNotBeNull();
        await turn.SendAcceptedAsync(CancellationToken.None);
        return turn;
    }

    private static Task RespondAsync(TunnelTurn turn, int status) => turn.SendResponseAsync(
        JsonSerializer.SerializeToUtf8Bytes(new TunnelResponse(status, "text/plain"), AgentJson.Default.TunnelResponse), CancellationToken.None);

    private static async Task<byte[]> ReadAllAsync(TunnelTurn turn)
    {
        List<byte> all = [];
        while (await turn.ReadAsync(CancellationToken.None) is { IsEmpty: false } data)
        {
            all.AddRange(data.ToArray());
            turn.Advance(data.End, (int)data.Length);
        }

        return [.. all];
    }

    private void Serve(Func<TunnelChannel, Task> agent) => _serving.Add(Task.Run(async () =>
    {
        using var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Authorization", $"Bearer {_agent.Welcome!.TunnelKey}");
        await socket.ConnectAsync(Address, CancellationToken.None);
        using var channel = TunnelChannel.OfAgent(socket);
        await agent(channel);
    }));
}
