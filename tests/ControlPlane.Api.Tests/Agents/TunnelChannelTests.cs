using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using ControlPlane.Api.Agents.Tunnels;
using ControlPlane.Contracts.Tunnels;

namespace ControlPlane.Api.Tests.Agents;

public sealed class TunnelChannelTests
{
    [Fact]
    public async Task Large_bodies_arrive_whole_in_frames_of_the_limit()
    {
        await using var pair = await Pair.OpenAsync();
        var sent = new byte[(3 * TunnelLimits.MaxPayload) + 17];
        new Random(1).NextBytes(sent);

        var sending = pair.Left.SendDataAsync(sent, CancellationToken.None);
        var got = new List<byte>();
        while (got.Count < sent.Length)
        {
            var (kind, payload) = await pair.Right.ReceiveAsync(CancellationToken.None);
            kind.ShouldBe(TunnelFrame.Data);
            payload.Length.ShouldBeLessThanOrEqualTo(TunnelLimits.MaxPayload);
            got.AddRange(payload.ToArray());
        }

        await sending;
        got.ShouldBe(sent);
    }

    [Fact]
    public async Task After_one_side_has_ended_the_other_goes_on()
    {
        await using var pair = await Pair.OpenAsync();
        await pair.Left.SendEndAsync(CancellationToken.None);
        (await pair.Right.ReceiveAsync(CancellationToken.None)).Kind.ShouldBe(TunnelFrame.End);

        await pair.Right.SendDataAsync("still here"u8.ToArray(), CancellationToken.None);
        (await pair.Left.ReceiveAsync(CancellationToken.None)).Kind.ShouldBe(TunnelFrame.Data);
        await Should.ThrowAsync<InvalidOperationException>(() => pair.Left.SendDataAsync("late"u8.ToArray(), CancellationToken.None));
        await pair.Right.SendEndAsync(CancellationToken.None);
        (await pair.Left.ReceiveAsync(CancellationToken.None)).Kind.ShouldBe(TunnelFrame.End);

        pair.Left.LocalEnded.ShouldBeTrue();
        pair.Left.RemoteEnded.ShouldBeTrue();
    }

    [Fact]
    public async Task A_writer_waits_while_the_reader_does_not_read()
    {
        await using var pair = await Pair.OpenAsync();
        var frames = 0;
        var writing = Task.Run(async () =>
        {
            var data = new byte[TunnelLimits.MaxPayload];
            while (true)
            {
                await pair.Left.SendDataAsync(data, CancellationToken.None);
                Interlocked.Increment(ref frames);
            }
        });

        var before = -1;
        while (before <= 0 || Volatile.Read(ref frames) != before)
        {
            before = Volatile.Read(ref frames);
            await Task.Delay(TimeSpan.FromMilliseconds(300), TimeProvider.System, CancellationToken.None);
        }

        // What the two socket buffers hold, and no more.
        before.ShouldBeLessThan(512);
        for (var i = 0; i < before; i++)
        {
            await pair.Right.ReceiveAsync(CancellationToken.None);
        }

        await AgentDoorHost.UntilAsync(() => Volatile.Read(ref frames) > before);
        pair.Left.Abort();
        await Should.ThrowAsync<Exception>(() => writing);
    }

    [Fact]
    public async Task A_broken_connection_is_an_io_error_for_the_reader()
    {
        await using var pair = await Pair.OpenAsync();
        var reading = pair.Right.ReceiveAsync(CancellationToken.None).AsTask();

        pair.Left.Abort();

        await Should.ThrowAsync<IOException>(() => reading.WaitAsync(TimeSpan.FromSeconds(5)));
        pair.Left.IsOpen.ShouldBeFalse();
    }

    private sealed class Pair(TunnelChannel left, TunnelChannel right) : IAsyncDisposable
    {
        public TunnelChannel Left => left;

        public TunnelChannel Right => right;

        public static async Task<Pair> OpenAsync()
        {
            using var listener = new TcpListener(IPAddress.Loopback, 0);
            listener.Start();
            var client = new TcpClient();
            var accepting = listener.AcceptTcpClientAsync();
            await client.ConnectAsync((IPEndPoint)listener.LocalEndpoint);
            var server = await accepting;
            return new Pair(
                new TunnelChannel(WebSocket.CreateFromStream(client.GetStream(), new WebSocketCreationOptions { IsServer = false })),
                new TunnelChannel(WebSocket.CreateFromStream(server.GetStream(), new WebSocketCreationOptions { IsServer = true })));
        }

        public async ValueTask DisposeAsync()
        {
            await left.DisposeAsync();
            await right.DisposeAsync();
        }
    }
}
