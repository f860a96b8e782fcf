using System.Diagnostics;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text.Json;
using ControlPlane.Bench.Measuring;
using ControlPlane.Contracts.Agents;

namespace ControlPlane.Bench.Simulation;

/// <summary>An agent without an engine: joins, signs, says hello, reports, beats, and does every command at once.</summary>
internal sealed class SimulatedAgent : IAsyncDisposable
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);

    private readonly AgentDoorClient _door;
    private readonly string _name;
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly Dictionary<string, ContainerReport> _containers;
    private readonly string _instance = Guid.NewGuid().ToString("N");
    private readonly Samples? _pings;
    private readonly Lock _gate = new();
    private readonly List<ClientWebSocket> _tunnels = [];
    private readonly CancellationTokenSource _ending = new();
    private HubConnectionLite? _hub;
    private Task _running = Task.CompletedTask;
    private string _nodeId = "";
    private string _tunnelKey = "";
    private ulong _digest;
    private long _sequence;
    private volatile bool _synced;

    public SimulatedAgent(AgentDoorClient door, string name, IReadOnlyList<ContainerReport> containers, Samples? pings = null)
    {
        _door = door;
        _name = name;
        _pings = pings;
        _containers = containers.ToDictionary(container => container.EngineId, StringComparer.Ordinal);
        foreach (var container in containers)
        {
            _digest = unchecked(_digest + InventoryDigest.Of(container));
        }
    }

    public string NodeId => _nodeId;

    /// <summary>Its session is open and the server has its inventory.</summary>
    public bool IsSynced => _synced;

    public async Task JoinAsync(string token, CancellationToken cancellationToken)
    {
        if (!JoinToken.TryParse(token, out var parsed))
        {
            throw new InvalidOperationException("The server's join token is not one.");
        }

        var joined = await _door.JoinAsync(
            new JoinRequest(
                parsed.Id, parsed.Secret, Convert.ToBase64String(_key.ExportSubjectPublicKeyInfo()), _name,
                SimulatedInventory.Describe(_name), "bench", TimeProvider.System.GetUtcNow().UtcDateTime),
            cancellationToken);
        _nodeId = joined.NodeId;
    }

    /// <summary>Keeps a session from now on, and a new one when it breaks.</summary>
    public void Start() => _running = RunAsync(_ending.Token);

    /// <summary>Opens idle tunnels as real agents keep them.</summary>
    public async Task OpenTunnelsAsync(int count, CancellationToken cancellationToken)
    {
        for (var i = 0; i < count; i++)
        {
            var socket = await _door.DialAsync(AgentProtocol.TunnelPath, _tunnelKey, cancellationToken);
            lock (_gate)
            {
                _tunnels.Add(socket);
            }

            _ = IdleAsync(socket, _ending.Token);
        }
    }

    /// <summary>A container changed; as an engine's event leads to it.</summary>
    public Task ChangeAsync(ContainerReport container, string action, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            Keep(container);
        }

        return Hub.SendAsync(
            nameof(IAgentHub.Inventory),
            new InventoryReport
            {
                Sequence = Interlocked.Increment(ref _sequence),
                Full = false,
                Last = true,
                Containers = [container],
                Events = [new EngineEvent(TimeProvider.System.GetUtcNow().UtcDateTime, "container", action, container.EngineId, container.Name, "")],
            },
            AgentJson.Default.InventoryReport,
            cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (var tunnel in _tunnels)
        {
            tunnel.Dispose();
        }

        _key.Dispose();
        _ending.Dispose();
    }

    private HubConnectionLite Hub => _hub ?? throw new InvalidOperationException("No session.");

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        var failures = 0;
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await RunSessionAsync(() => failures = 0, cancellationToken);
            }
            catch (Exception failure) when (failure is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
            {
                // Tried again below, as the agent does.
            }

            _synced = false;
            var step = Math.Min(LongestPause.TotalMilliseconds, FirstPause.TotalMilliseconds * Math.Pow(2, Math.Min(failures++, 10)));
            await Task.Delay(TimeSpan.FromMilliseconds(step * (0.5 + (Random.Shared.NextDouble() / 2))), TimeProvider.System, cancellationToken)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task RunSessionAsync(Action succeeded, CancellationToken cancellationToken)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var ticket = await _door.TicketAsync(_nodeId, _key, cancellationToken);
        await using var hub = new HubConnectionLite(await _door.DialAsync(AgentProtocol.SessionPath, ticket, cancellationToken), OnInvocation);
        await hub.HandshakeAsync(cancellationToken);
        _hub = hub;
        var reading = hub.ReadAsync(ended.Token);
        try
        {
            var hello = new Hello(
                AgentProtocol.Version, "bench", _instance, TimeProvider.System.GetUtcNow().UtcDateTime, SimulatedInventory.Describe(_name), []);
            var welcome = (await hub.InvokeAsync(nameof(IAgentHub.Hello), hello, AgentJson.Default.Hello, cancellationToken))
                .Deserialize(AgentJson.Default.Welcome)!;
            _tunnelKey = welcome.TunnelKey;
            await ReportAsync(hub, cancellationToken);
            succeeded();
            _synced = true;
            await Task.WhenAny(reading, BeatAsync(hub, TimeSpan.FromMilliseconds(welcome.HeartbeatMilliseconds), ended.Token));
        }
        finally
        {
            await ended.CancelAsync();
            await reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task ReportAsync(HubConnectionLite hub, CancellationToken cancellationToken)
    {
        ContainerReport[][] parts;
        lock (_gate)
        {
            parts = [.. _containers.Values.Chunk(AgentProtocol.InventoryPartSize)];
        }

        if (parts.Length == 0)
        {
            parts = [[]];
        }

        var sequence = Interlocked.Increment(ref _sequence);
        for (var i = 0; i < parts.Length; i++)
        {
            var report = new InventoryReport
            {
                Sequence = sequence, Full = true, Last = i == parts.Length - 1, Containers = parts[i], Images = [], Networks = [], Volumes = [],
            };
            await hub.InvokeAsync(nameof(IAgentHub.Inventory), report, AgentJson.Default.InventoryReport, cancellationToken);
        }
    }

    private async Task BeatAsync(HubConnectionLite hub, TimeSpan period, CancellationToken cancellationToken)
    {
        // A phase of its own: agents do not beat in step.
        await Task.Delay(period * Random.Shared.NextDouble(), TimeProvider.System, cancellationToken);
        using var timer = new PeriodicTimer(period, TimeProvider.System);
        do
        {
            ulong digest;
            lock (_gate)
            {
                digest = _digest;
            }

            var heartbeat = new Heartbeat(
                TimeProvider.System.GetUtcNow().UtcDateTime, EngineUp: true, digest, 12.5, 8L << 30, 64L << 30, 100L << 30, 500L << 30);
            var started = Stopwatch.GetTimestamp();
            await hub.InvokeAsync(nameof(IAgentHub.Heartbeat), heartbeat, AgentJson.Default.Heartbeat, cancellationToken);
            _pings?.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        }
        while (await timer.WaitForNextTickAsync(cancellationToken));
    }

    private void OnInvocation(string target, JsonElement arguments)
    {
        var hub = _hub;
        if (hub is null)
        {
            return;
        }

        if (target == nameof(IAgentClient.Command))
        {
            _ = AnswerAsync(hub, arguments[0].Deserialize(AgentJson.Default.CommandEnvelope)!.Command);
        }
        else if (target == nameof(IAgentClient.Resync))
        {
            _ = ReportAsync(hub, _ending.Token);
        }
    }

    private async Task AnswerAsync(HubConnectionLite hub, AgentCommand command)
    {
        ContainerReport? container = null;
        if (command is CreateContainer create)
        {
            var now = TimeProvider.System.GetUtcNow().UtcDateTime;
            container = new ContainerReport
            {
                EngineId = SimulatedInventory.Hex(create.ClusterId),
                ClusterId = create.ClusterId,
                Name = create.Name,
                Image = "busybox:latest",
                ImageId = "sha256:" + new string('1', 64),
                Command = "sleep 1d",
                CreatedAt = now,
                State = create.Start ? "running" : "created",
                StartedAt = create.Start ? now : null,
            };
            lock (_gate)
            {
                Keep(container);
            }
        }

        var result = new CommandResult { CommandId = command.Id, Outcome = CommandOutcome.Done, Container = container };
        try
        {
            if (container is not null)
            {
                // As the real agent: first the change that the command caused, then its end.
                var report = new InventoryReport { Sequence = Interlocked.Increment(ref _sequence), Full = false, Last = true, Containers = [container] };
                await hub.SendAsync(nameof(IAgentHub.Inventory), report, AgentJson.Default.InventoryReport, _ending.Token);
            }

            await hub.SendAsync(nameof(IAgentHub.CommandEnded), result, AgentJson.Default.CommandResult, _ending.Token);
        }
        catch (Exception failure) when (failure is OperationCanceledException or WebSocketException or IOException or ObjectDisposedException)
        {
            // The session broke; its reader says so.
        }
    }

    private void Keep(ContainerReport container)
    {
        if (_containers.TryGetValue(container.EngineId, out var old))
        {
            _digest = unchecked(_digest - InventoryDigest.Of(old));
        }

        _containers[container.EngineId] = container;
        _digest = unchecked(_digest + InventoryDigest.Of(container));
    }

    private static async Task IdleAsync(ClientWebSocket socket, CancellationToken cancellationToken)
    {
        try
        {
            while ((await socket.ReceiveAsync(new Memory<byte>(new byte[16]), cancellationToken)).MessageType != WebSocketMessageType.Close)
            {
                // Nobody asks a simulated agent for logs.
            }
        }
        catch (Exception failure) when (failure is WebSocketException or OperationCanceledException or IOException or ObjectDisposedException)
        {
            // The server went away, or the benchmark is over.
        }
    }
}
