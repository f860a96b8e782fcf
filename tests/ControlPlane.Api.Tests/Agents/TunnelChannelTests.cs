using System.Buffers;
using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using ControlPlane.Contracts.Tunnels;

namespace ControlPlane.Api.Tests.Agents;

public sealed class TunnelChannelTests
{
    [Fact]
    public async Task Large_bodies_arrive_whole()
    {
        await using var pair = await Pair.OpenAsync();
        var (server, agent) = await pair.BeginAsync();
        var sent = new byte[(9 * TunnelLimits.MaxPayload) + 17];
        new Random(1).NextBytes(sent);

        var sending = SendAndEndAsync(server, sent);

        (await ReadAllAsync(agent)).ShouldBe(sent);
        await sending;
    }

    [Fact]
    public async Task A_body_that_is_sent_without_a_copy_arrives_whole_across_the_window()
    {
        await using var pair = await Pair.OpenAsync();
        var (server, agent) = await pair.BeginAsync();
        await agent.SendResponseAsync("{}"u8.ToArray(), CancellationToken.None);
        var sent = new byte[(20 * TunnelLimits.MaxPayload) + 5];
        new Random(2).NextBytes(sent);

        var sending = Task.Run(async () =>
        {
            for (var at = 0; at < sent.Length; at += TunnelLimits.MaxPayload)
            {
                var part = sent.AsSpan(at, Math.Min(TunnelLimits.MaxPayload, sent.Length - at));
                var frame = new byte[part.Length + 1];
                part.CopyTo(frame.AsSpan(1));
                await agent.SendDataInPlaceAsync(frame, CancellationToken.None);
            }

            await agent.SendEndAsync(CancellationToken.None);
        });

        (await ReadAllAsync(server)).ShouldBe(sent);
        await sending;
    }

    [Fact]
    public async Task After_one_side_has_ended_the_other_goes_on()
    {
        await using var pair = await Pair.OpenAsync();
        var (server, agent) = await pair.BeginAsync();
        await server.SendEndAsync(CancellationToken.None);
        await agent.Ended.WaitAsync(TimeSpan.FromSeconds(5));

        await agent.SendResponseAsync("{}"u8.ToArray(), CancellationToken.None);
        await SendAndEndAsync(agent, "still here"u8.ToArray());

        (await ReadAllAsync(server)).ShouldBe("still here"u8.ToArray());
        server.LocalEnded.ShouldBeTrue();
        server.RemoteEnded.ShouldBeTrue();
    }

    [Fact]
    public async Task A_turn_that_is_over_cannot_disturb_the_next()
    {
        await using var pair = await Pair.OpenAsync();
        var (first, firstAgent) = await pair.BeginAsync();
        await firstAgent.SendResponseAsync("{}"u8.ToArray(), CancellationToken.None);
        await first.SendEndAsync(CancellationToken.None);
        await firstAgent.SendEndAsync(CancellationToken.None);
        await first.Ended.WaitAsync(TimeSpan.FromSeconds(5));
        await firstAgent.Ended.WaitAsync(TimeSpan.FromSeconds(5));

        var (second, secondAgent) = await pair.BeginAsync();
        await first.SendDataAsync("late"u8.ToArray(), CancellationToken.None);
        await first.SendEndAsync(CancellationToken.None);
        await SendAndEndAsync(second, "mine"u8.ToArray());

        (await ReadAllAsync(secondAgent)).ShouldBe("mine"u8.ToArray());
    }

    [Fact]
    public async Task A_writer_waits_at_the_window_while_nobody_reads_and_a_reset_still_arrives()
    {
        await using var pair = await Pair.OpenAsync();
        var (server, agent) = await pair.BeginAsync();
        var sent = 0;
        var writing = Task.Run(async () =>
        {
            var data = new byte[1000];
            while (true)
            {
                await server.SendDataAsync(data, CancellationToken.None);
                Interlocked.Add(ref sent, data.Length);
            }
        });

        await AgentDoorHost.UntilAsync(() => Volatile.Read(ref sent) > TunnelLimits.Window - 1000);
        writing.IsCompleted.ShouldBeFalse();
        Volatile.Read(ref sent).ShouldBeLessThanOrEqualTo(TunnelLimits.Window);

        await pair.Server.ResetAsync("", CancellationToken.None);

        var gone = new TaskCompletionSource();
        await using var watch = agent.Broken.Register(gone.SetResult);
        await gone.Task.WaitAsync(TimeSpan.FromSeconds(5));
        pair.Server.Abort();
        await Should.ThrowAsync<IOException>(() => writing.WaitAsync(TimeSpan.FromSeconds(5)));
    }

    [Fact]
    public async Task What_nobody_reads_is_taken_from_the_wire_when_it_is_given_up()
    {
        await using var pair = await Pair.OpenAsync();
        var (server, agent) = await pair.BeginAsync();
        var writing = SendAndEndAsync(server, new byte[10 * TunnelLimits.Window]);
        await agent.ReadAsync(CancellationToken.None);

        agent.Discard();
        agent.Advance(default, 0);

        await writing.WaitAsync(TimeSpan.FromSeconds(10));
        await agent.Ended.WaitAsync(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task A_complete_answer_frees_who_still_writes()
    {
        await using var pair = await Pair.OpenAsync();
        var (server, agent) = await pair.BeginAsync();
        var writing = SendAndEndAsync(server, new byte[10 * TunnelLimits.Window]);

        await agent.SendResponseAsync("{}"u8.ToArray(), CancellationToken.None);
        await agent.SendEndAsync(CancellationToken.None);

        await writing.WaitAsync(TimeSpan.FromSeconds(5));
    }

    [Fact]
    public async Task A_broken_connection_is_an_io_error_for_everybody_who_waits()
    {
        await using var pair = await Pair.OpenAsync();
        var (server, agent) = await pair.BeginAsync();
        var reading = agent.ReadAsync(CancellationToken.None).AsTask();

        pair.Server.Abort();

        await Should.ThrowAsync<IOException>(() => reading.WaitAsync(TimeSpan.FromSeconds(5)));
        await Should.ThrowAsync<IOException>(() => server.Head.WaitAsync(TimeSpan.FromSeconds(5)));
        await Should.ThrowAsync<IOException>(() => server.Ended.WaitAsync(TimeSpan.FromSeconds(5)));
        pair.Server.IsOpen.ShouldBeFalse();
    }

    [Theory]
    [InlineData(TunnelFrame.Data, 10)]
    [InlineData(TunnelFrame.End, 0)]
    [InlineData(TunnelFrame.Request, 2)]
    [InlineData(TunnelFrame.Response, 2)]
    [InlineData(TunnelFrame.Credit, 3)]
    [InlineData(TunnelFrame.Ask, 2)]
    [InlineData(TunnelFrame.Whole, 6)]
    [InlineData((TunnelFrame)99, 0)]
    public async Task A_frame_out_of_place_cuts_the_tunnel(TunnelFrame frame, int length)
    {
        var (left, right) = await Pair.SocketsAsync();
        using var server = TunnelChannel.OfServer(left);

        await right.SendAsync((byte[])[(byte)frame, .. new byte[length]], WebSocketMessageType.Binary, true, CancellationToken.None);

        await server.Closed.WaitAsync(TimeSpan.FromSeconds(5));
        right.Dispose();
    }

    [Fact]
    public async Task A_request_without_a_body_and_an_answer_that_is_there_are_a_frame_each()
    {
        await using var pair = await Pair.OpenAsync();
        for (var i = 0; i < 20; i++)
        {
            // Far more than the window together: what is read may be sent again.
            var body = new byte[TunnelLimits.MaxPayload - i];
            new Random(i).NextBytes(body);
            var (server, agent) = await pair.BeginAsync(isWhole: true);
            agent.RemoteEnded.ShouldBeTrue();

            (await agent.SendWholeAsync("{}"u8.ToArray(), body, CancellationToken.None)).ShouldBeTrue();

            (await server.Head.WaitAsync(TimeSpan.FromSeconds(5))).ToArray().ShouldBe("{}"u8.ToArray());
            (server.LocalEnded, server.RemoteEnded).ShouldBe((true, true));
            (await ReadAllAsync(server)).ShouldBe(body);
        }
    }

    [Fact]
    public async Task A_whole_answer_waits_for_room_like_any_other()
    {
        await using var pair = await Pair.OpenAsync();
        var sent = 0;
        while (sent <= TunnelLimits.Window)
        {
            var (server, agent) = await pair.BeginAsync(isWhole: true);
            if (!await agent.SendWholeAsync("{}"u8.ToArray(), new byte[TunnelLimits.MaxPayload], CancellationToken.None))
            {
                break;
            }

            await server.Head.WaitAsync(TimeSpan.FromSeconds(5));
            sent += TunnelLimits.MaxPayload;
        }

        sent.ShouldBe(TunnelLimits.Window / TunnelLimits.MaxPayload * TunnelLimits.MaxPayload);
    }

    [Theory]
    [InlineData(new byte[] { 9, 100, 0, 0, 0, 1, 2, 3 })]
    [InlineData(new byte[] { 9, 255, 255, 255, 255, 1, 2, 3 })]
    [InlineData(new byte[] { 9, 1, 0 })]
    [InlineData(new byte[] { 9 })]
    public async Task A_whole_answer_that_lies_about_its_head_cuts_the_tunnel(byte[] frame)
    {
        var (left, right) = await Pair.SocketsAsync();
        using var server = TunnelChannel.OfServer(left);
        var turn = await server.BeginAsync("{}"u8.ToArray(), isWhole: true, CancellationToken.None);

        await right.SendAsync(frame, WebSocketMessageType.Binary, true, CancellationToken.None);

        await Should.ThrowAsync<IOException>(() => turn.Head.WaitAsync(TimeSpan.FromSeconds(5)));
        right.Dispose();
    }

    [Fact]
    public async Task A_word_of_arrival_behind_the_head_does_no_harm()
    {
        await using var pair = await Pair.OpenAsync();
        var (server, agent) = await pair.BeginAsync(isWhole: true);

        await agent.SendResponseAsync("{}"u8.ToArray(), CancellationToken.None);
        await agent.SendAcceptedAsync(CancellationToken.None);
        await SendAndEndAsync(agent, "body"u8.ToArray());
        await agent.SendAcceptedAsync(CancellationToken.None);

        (await ReadAllAsync(server)).ShouldBe("body"u8.ToArray());
        pair.Server.IsOpen.ShouldBeTrue();
    }

    [Fact]
    public async Task More_data_than_the_window_cuts_the_tunnel()
    {
        var (left, right) = await Pair.SocketsAsync();
        using var agent = TunnelChannel.OfAgent(right);
        await left.SendAsync((byte[])[(byte)TunnelFrame.Request, (byte)'{', (byte)'}'], WebSocketMessageType.Binary, true, CancellationToken.None);

        for (var sent = 0; sent <= TunnelLimits.Window && left.State == WebSocketState.Open; sent += 32 * 1024)
        {
            await left.SendAsync((byte[])[(byte)TunnelFrame.Data, .. new byte[32 * 1024]], WebSocketMessageType.Binary, true, CancellationToken.None);
        }

        await agent.Closed.WaitAsync(TimeSpan.FromSeconds(5));
        left.Dispose();
    }

    private static async Task SendAndEndAsync(TunnelTurn turn, byte[] data)
    {
        await turn.SendDataAsync(data, CancellationToken.None);
        await turn.SendEndAsync(CancellationToken.None);
    }

    private static async Task<byte[]> ReadAllAsync(TunnelTurn turn)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        List<byte> all = [];
        while (await turn.ReadAsync(patience.Token) is { IsEmpty: false } data)
        {
            all.AddRange(data.ToArray());
            turn.Advance(data.End, (int)data.Length);
        }

        return [.. all];
    }

    private sealed class Pair(TunnelChannel server, TunnelChannel agent) : IAsyncDisposable
    {
        public TunnelChannel Server => server;

        public static async Task<(WebSocket Left, WebSocket Right)> SocketsAsync()
        {
            using var listener = new TcpListener(IPAddress.Loopback, 0);
            listener.Start();
            var client = new TcpClient();
            var accepting = listener.AcceptTcpClientAsync();
            await client.ConnectAsync((IPEndPoint)listener.LocalEndpoint);
            var accepted = await accepting;
            return (
                WebSocket.CreateFromStream(accepted.GetStream(), new WebSocketCreationOptions { IsServer = true }),
                WebSocket.CreateFromStream(client.GetStream(), new WebSocketCreationOptions { IsServer = false }));
        }

        public static async Task<Pair> OpenAsync()
        {
            var (left, right) = await SocketsAsync();
            return new Pair(TunnelChannel.OfServer(left), TunnelChannel.OfAgent(right));
        }

        public async Task<(TunnelTurn Server, TunnelTurn Agent)> BeginAsync(bool isWhole = false)
        {
            var begun = await server.BeginAsync("{}"u8.ToArray(), isWhole, CancellationToken.None);
            return (begun, (await agent.NextAsync(CancellationToken.None)).ShouldNotBeNull());
        }

        public ValueTask DisposeAsync()
        {
            server.Dispose();
            agent.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
