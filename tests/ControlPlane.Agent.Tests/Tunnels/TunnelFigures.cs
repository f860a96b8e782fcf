using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text.Json;
using ControlPlane.Agent.Tests.Fakes;
using ControlPlane.Contracts.Agents;
using ControlPlane.Contracts.Tunnels;
using Microsoft.AspNetCore.SignalR;

namespace ControlPlane.Agent.Tests.Tunnels;

/// <summary>What tunnels cost, over TLS on loopback, both ends in this process. Run with <c>-explicit only</c>.</summary>
public sealed class TunnelFigures
{
    private const int Megabyte = 1024 * 1024;
    private const int Size = 200 * Megabyte;

    private static readonly string Id = new('a', 64);

    [Fact(Explicit = true)]
    public async Task Idle_follows()
    {
        const int Follows = 400;
        using var engine = Engine("/logs?", async connection =>
        {
            await connection.WriteAsync("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n");
            await connection.ReadToEndAsync();
        });
        await using var cluster = await Cluster.StartAsync(engine.Path, tunnels: Follows);
        var before = Resident();
        var managed = GC.GetTotalMemory(forceFullCollection: true);
        foreach (var channel in cluster.Channels)
        {
            var turn = await BeginAsync(channel, new ContainerLogs(Id, true, true, true, null, null, null, false));
            await turn.SendEndAsync(CancellationToken.None);
            (await TunnelBench.ReadAsync(turn)).ShouldBe("hello");
        }

        var after = Resident();
        Write($"{Follows} idle tunnels: {(before - cluster.Empty) / Follows} KB each; their follows {(after - before) / Follows} KB more each (managed "
            + $"{(GC.GetTotalMemory(forceFullCollection: true) - managed) / 1024 / Follows} KB); server and agent together {(after - cluster.Empty) / Follows} KB");
        ((after - cluster.Empty) / Follows).ShouldBeLessThan(500);
    }

    [Fact(Explicit = true)]
    public async Task A_save()
    {
        using var engine = Engine("/images/get?", async connection =>
        {
            await connection.WriteAsync("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
            byte[] chunk = [.. "8000\r\n"u8, .. new byte[32 * 1024], .. "\r\n"u8];
            for (var i = 0; i < Size / 32 / 1024; i++)
            {
                await connection.WriteAsync(chunk);
            }

            await connection.WriteAsync("0\r\n\r\n");
        });
        for (var i = 0; i < 3; i++)
        {
            var direct = await TimeAsync(() => DirectAsync(engine.Path));
            await using var cluster = await Cluster.StartAsync(engine.Path, tunnels: 1);
            var turn = await BeginAsync(cluster.Channels[0], new SaveImages(["busybox"]));
            await turn.SendEndAsync(CancellationToken.None);
            var through = await TimeAsync(() => ReadAllAsync(turn, Size));
            Write($"save: {through} through a tunnel, {direct} from the engine's socket");
        }
    }

    [Fact(Explicit = true)]
    public async Task An_echo()
    {
        using var engine = Engine("/start ", async connection =>
        {
            await connection.WriteAsync("HTTP/1.1 101 UPGRADED\r\n\r\n");
            var buffer = new byte[32 * 1024];
            while (await connection.Socket.ReceiveAsync(buffer) is > 0 and var count)
            {
                await connection.WriteAsync(buffer.AsMemory(0, count));
            }
        });
        for (var i = 0; i < 3; i++)
        {
            await using var cluster = await Cluster.StartAsync(engine.Path, tunnels: 1);
            var turn = await BeginAsync(cluster.Channels[0], new StartExec(Id, false, false));
            await turn.Head.WaitAsync(TunnelBench.Patience);
            var through = await TimeAsync(async () =>
            {
                var writing = Task.Run(async () =>
                {
                    var data = new byte[64 * 1024];
                    for (var sent = 0; sent < Size; sent += data.Length)
                    {
                        await turn.SendDataAsync(data, CancellationToken.None);
                    }

                    await turn.SendEndAsync(CancellationToken.None);
                });
                await ReadAllAsync(turn, Size);
                await writing;
            });
            Write($"echo: {through} each way at once");
        }
    }

    /// <summary>Answers one kind of request; what else the agent wants to know of its engine it does not get.</summary>
    private static RawEngine Engine(string kind, Func<FakeEngineConnection, Task> serve) => new(async connection =>
    {
        if ((await connection.ReadHeadAsync()).Contains(kind, StringComparison.Ordinal))
        {
            await serve(connection);
            return;
        }

        await connection.WriteAsync("HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}");
    });

    private static void Write(string line) => TestContext.Current.SendDiagnosticMessage(line);

    /// <summary>MB per second of the clock, and of both ends' processor time: the second holds on a busy machine too.</summary>
    private static async Task<string> TimeAsync(Func<Task> work)
    {
        var clock = Stopwatch.StartNew();
        var before = Environment.CpuUsage.TotalTime;
        await work();
        const double Megabytes = Size / (double)Megabyte;
        return string.Create(
            CultureInfo.InvariantCulture, $"{Megabytes / clock.Elapsed.TotalSeconds:F0} MB/s ({Megabytes / (Environment.CpuUsage.TotalTime - before).TotalSeconds:F0} MB per CPU second)");
    }

    private static async Task DirectAsync(string path)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(path));
        await socket.SendAsync("GET /images/get? HTTP/1.1\r\n\r\n"u8.ToArray());
        var buffer = new byte[64 * 1024];
        while (await socket.ReceiveAsync(buffer) > 0)
        {
            // Thrown away.
        }
    }

    private static async Task ReadAllAsync(TunnelTurn turn, long expected)
    {
        long total = 0;
        while (await turn.ReadAsync(CancellationToken.None) is { IsEmpty: false } data)
        {
            total += data.Length;
            turn.Advance(data.End, (int)data.Length);
        }

        total.ShouldBe(expected);
    }

    private static Task<TunnelTurn> BeginAsync(TunnelChannel channel, TunnelRequest request) =>
        channel.BeginAsync(JsonSerializer.SerializeToUtf8Bytes(request, AgentJson.Default.TunnelRequest), isWhole: false, CancellationToken.None);

    /// <summary>Of this process, in KB, after a collection.</summary>
    private static long Resident()
    {
        GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        return long.Parse(
            File.ReadLines("/proc/self/status").First(line => line.StartsWith("VmRSS", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1],
            CultureInfo.InvariantCulture);
    }

    private sealed class Cluster(TestAuthority authority, TempDirectory data, FakeControlPlane server, RunningAgent agent) : IAsyncDisposable
    {
        public List<TunnelChannel> Channels { get; private set; } = [];

        /// <summary>Memory before the tunnels.</summary>
        public long Empty { get; private set; }

        public static async Task<Cluster> StartAsync(string engine, int tunnels)
        {
            var authority = new TestAuthority();
            var data = new TempDirectory();
            var server = await FakeControlPlane.StartAsync(authority);
            var cluster = new Cluster(authority, data, server, new RunningAgent(data.Path, engine, server));
            await server.Seen.Until(seen => seen.Heartbeats.Count > 1, 60);
            cluster.Empty = Resident();
            await server.Hub.Clients.All.SendAsync(nameof(IAgentClient.OpenTunnels), tunnels);
            await server.Seen.Until(seen => seen.Tunnels.Count >= tunnels, 60);
            cluster.Channels = [.. server.Seen.Tunnels.Select(tunnel => TunnelChannel.OfServer(tunnel.Socket))];
            return cluster;
        }

        public async ValueTask DisposeAsync()
        {
            foreach (var channel in Channels)
            {
                channel.Dispose();
            }

            await agent.DisposeAsync();
            await server.DisposeAsync();
            data.Dispose();
            authority.Dispose();
        }
    }
}
