using System.Collections.Concurrent;
using System.Net.Security;
using System.Net.WebSockets;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using ControlPlane.Api.Tests.Agents;
using ControlPlane.Contracts.Agents;
using ControlPlane.Contracts.Tunnels;
using ControlPlane.Core.Access;
using ControlPlane.Core.Nodes.Joining;

namespace ControlPlane.Api.Tests.DockerApi;

/// <summary>A node at the real server whose agent writes down what it is asked to do, and does as if it did it.</summary>
internal sealed class ScriptedNode : IAsyncDisposable
{
    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentDictionary<string, ContainerReport> _containers = new(StringComparer.Ordinal);
    private readonly DockerWorld _world;
    private readonly SimulatedAgent _agent;
    private Task _beating = Task.CompletedTask;

    private ScriptedNode(DockerWorld world, SimulatedAgent agent)
    {
        (_world, _agent) = (world, agent);
        _agent.OnCommand = Do;
        _agent.OnOpenTunnels = count =>
        {
            for (var i = 0; i < count; i++)
            {
                _ = ServeAsync();
            }

            return Task.CompletedTask;
        };
    }

    /// <summary>What an inspect answers.</summary>
    public string Inspected { get; set; } = $"{{\"Id\":\"{new string('e', 64)}\"}}";

    /// <summary>What has come by tunnels.</summary>
    public ConcurrentQueue<TunnelRequest> Requests { get; } = new();

    public ConcurrentQueue<AgentCommand> Commands => _agent.Commands;

    /// <summary>Everything that has come.</summary>
    public int Asked => Commands.Count + Requests.Count;

    public static async Task<ScriptedNode> StartAsync(DockerWorld world, string name, string address = "")
    {
        var agent = new SimulatedAgent(world.Server.Anonymous, name) { Trusts = Trusting(world.Authority), Address = address };
        var node = new ScriptedNode(world, agent);
        var token = (await world.Cluster.Get<JoinTokenService>().CreateAsync(Caller.System("test"), new NewJoinToken { Name = "test", Uses = 1 }, default)).Value;
        await agent.JoinAsync(token.Text);
        await agent.ConnectAsync();
        await agent.SendPartAsync(new InventoryReport
        {
            Sequence = 1, Full = true, Last = true, Networks = [], Volumes = [], Containers = [],
            Images = [new ImageReport("sha256:" + new string('7', 64), ["scripted:1"], [], 1, DateTime.UnixEpoch)],
        });
        await agent.BeatAsync();
        node._beating = node.BeatAsync();
        return node;
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _beating;
        await _agent.DisposeAsync();
        _stopping.Dispose();
    }

    private static RemoteCertificateValidationCallback Trusting(X509Certificate2 authority) => (_, certificate, sent, _) =>
    {
        using var chain = new X509Chain();
        foreach (var element in sent!.ChainElements)
        {
            chain.ChainPolicy.ExtraStore.Add(element.Certificate);
        }

        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.CustomTrustStore.Add(authority);
        return certificate is X509Certificate2 shown && chain.Build(shown);
    };

    private async Task BeatAsync()
    {
        using var timer = new PeriodicTimer(Beat, TimeProvider.System);
        try
        {
            while (await timer.WaitForNextTickAsync(_stopping.Token))
            {
                await _agent.BeatAsync();
            }
        }
        catch (OperationCanceledException)
        {
            // The end of the test.
        }
    }

    private CommandResult Do(AgentCommand command)
    {
        if (command is CreateContainer create)
        {
            var report = new ContainerReport
            {
                EngineId = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.ASCII.GetBytes(create.ClusterId))),
                ClusterId = create.ClusterId, Name = create.Name, Image = "scripted:1", ImageId = "sha256:" + new string('7', 64), Command = "sh",
                CreatedAt = DateTime.UnixEpoch.AddDays(20000), State = create.Start ? "running" : "created",
            };
            _containers[report.EngineId] = report;
            return new CommandResult { CommandId = command.Id, Outcome = CommandOutcome.Done, Container = report };
        }

        if (command is ContainerCommand about && _containers.TryGetValue(about.EngineId, out var known))
        {
            known = command switch { StartContainer => known with { State = "running" }, StopContainer => known with { State = "exited" }, RenameContainer rename => known with { Name = rename.NewName }, _ => known };
            _containers[about.EngineId] = known;
            return new CommandResult { CommandId = command.Id, Outcome = CommandOutcome.Done, Container = known };
        }

        return new CommandResult { CommandId = command.Id, Outcome = CommandOutcome.Done };
    }

    /// <summary>Streams are taken over and echoed; the rest is an empty object.</summary>
    private async Task ServeAsync()
    {
        try
        {
            using var socket = new ClientWebSocket();
            socket.Options.SetRequestHeader("Authorization", $"Bearer {_agent.Welcome!.TunnelKey}");
            socket.Options.RemoteCertificateValidationCallback = Trusting(_world.Authority);
            await socket.ConnectAsync(new Uri($"wss://localhost:{_world.Server.Url.Port}{AgentProtocol.TunnelPath}"), _stopping.Token);
            using var channel = TunnelChannel.OfAgent(socket);
            while (await channel.NextAsync(_stopping.Token) is { } turn)
            {
                var request = JsonSerializer.Deserialize((await turn.Head).Span, AgentJson.Default.TunnelRequest)!;
                Requests.Enqueue(request);
                await turn.SendAcceptedAsync(_stopping.Token);
                var takesOver = request is AttachContainer or StartExec { Detach: false };
                await turn.SendResponseAsync(JsonSerializer.SerializeToUtf8Bytes(new TunnelResponse(takesOver ? 101 : 200, "application/json"), AgentJson.Default.TunnelResponse), _stopping.Token);
                if (takesOver)
                {
                    await EchoAsync(turn);
                }
                else if (request is not ContainerLogs { Follow: true })
                {
                    await turn.SendDataAsync(System.Text.Encoding.ASCII.GetBytes(request is InspectContainer ? Inspected : $"{{\"Id\":\"{new string('e', 64)}\"}}"), _stopping.Token);
                }
                else
                {
                    // Nothing is logged until somebody gives up.
                    await turn.Ended;
                    await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, turn.Broken);
                }

                await turn.SendEndAsync(_stopping.Token);
                turn.Discard();
                await turn.Ended;
            }
        }
        catch (Exception error) when (error is OperationCanceledException or IOException or WebSocketException)
        {
            // The tunnel or the test has ended.
        }
    }

    private async Task EchoAsync(TunnelTurn turn)
    {
        while (true)
        {
            var read = await turn.ReadAsync(_stopping.Token);
            if (read.IsEmpty)
            {
                return;
            }

            foreach (var part in read)
            {
                await turn.SendDataAsync(part, _stopping.Token);
            }

            turn.Advance(read.End, (int)read.Length);
        }
    }
}

/// <summary>The endpoint with one scripted node for a class of tests.</summary>
public sealed class ScriptedWorld : IAsyncLifetime
{
    internal DockerWorld World { get; } = new();

    internal ScriptedNode Node { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        await World.InitializeAsync();
        Node = await ScriptedNode.StartAsync(World, "scripted");
    }

    public async ValueTask DisposeAsync()
    {
        await Node.DisposeAsync();
        await World.DisposeAsync();
    }
}
