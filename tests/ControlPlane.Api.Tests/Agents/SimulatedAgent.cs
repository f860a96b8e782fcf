using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using ControlPlane.Contracts.Agents;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.Extensions.DependencyInjection;

namespace ControlPlane.Api.Tests.Agents;

/// <summary>An agent without an engine: the real protocol over a real connection.</summary>
internal sealed class SimulatedAgent : IAsyncDisposable
{
    private readonly HttpClient _http;
    private long _sequence;

    public SimulatedAgent(HttpClient http, string name = "host-1")
    {
        _http = http;
        Name = name;
    }

    public ECDsa Key { get; set; } = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public string Name { get; set; }

    public string NodeId { get; set; } = "";

    /// <summary>What it advertises.</summary>
    public string Address { get; init; } = "";

    public string InstanceId { get; set; } = Guid.NewGuid().ToString("N");

    public HubConnection? Hub { get; private set; }

    public Welcome? Welcome { get; private set; }

    public ConcurrentQueue<AgentCommand> Commands { get; } = new();

    public ConcurrentQueue<SessionEnd> Ends { get; } = new();

    public ConcurrentQueue<string[]> Watches { get; } = new();

    public int Resyncs { get; private set; }

    public int TunnelsAsked { get; private set; }

    public Func<AgentCommand, CommandResult?> OnCommand { get; set; } = command =>
        new CommandResult { CommandId = command.Id, Outcome = CommandOutcome.Done };

    public Func<int, Task> OnOpenTunnels { get; set; } = _ => Task.CompletedTask;

    /// <summary>Judges the server's certificate where it has one of its own; null = as the machine does.</summary>
    public System.Net.Security.RemoteCertificateValidationCallback? Trusts { get; set; }

    public static NodeDescription Describe(string engineId = "ENGINE") => new()
    {
        EngineId = engineId,
        HostName = "host",
        EngineVersion = "20.10.24",
        ApiVersion = "1.41",
        MinApiVersion = "1.12",
        OperatingSystem = "Debian",
        OsType = "linux",
        Architecture = "x86_64",
        KernelVersion = "6.1",
        StorageDriver = "overlay2",
        Cpus = 2,
        MemoryBytes = 4L << 30,
        EngineLabels = new Dictionary<string, string> { ["zone"] = "a" },
    };

    public static ContainerReport Container(char digit, string state = "running", string? clusterId = null) => new()
    {
        EngineId = new string(digit, 64),
        ClusterId = clusterId,
        Name = $"box-{digit}",
        Image = "busybox",
        ImageId = "sha256:1",
        Command = "sleep 1d",
        CreatedAt = new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc),
        State = state,
    };

    public Task<HttpResponseMessage> TryJoinAsync(string token, string? publicKey = null, NodeDescription? description = null)
    {
        JoinToken.TryParse(token, out var parsed).ShouldBeTrue();
        return PostJoinAsync(new JoinRequest(
            parsed!.Id,
            parsed.Secret,
            publicKey ?? Convert.ToBase64String(Key.ExportSubjectPublicKeyInfo()),
            Name,
            description ?? Describe(),
            "0.1.0",
            TimeProvider.System.GetUtcNow().UtcDateTime));
    }

    public Task<HttpResponseMessage> PostJoinAsync(JoinRequest request) => _http.PostAsJsonAsync(AgentProtocol.JoinPath, request, AgentJson.Default.JoinRequest);

    public async Task<JoinResponse> JoinAsync(string token)
    {
        using var answer = await TryJoinAsync(token);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
        var joined = (await answer.Content.ReadFromJsonAsync(AgentJson.Default.JoinResponse))!;
        NodeId = joined.NodeId;
        return joined;
    }

    public async Task<string> ChallengeAsync()
    {
        using var answer = await _http.PostAsJsonAsync(AgentProtocol.ChallengePath, new ChallengeRequest(NodeId), AgentJson.Default.ChallengeRequest);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
        return (await answer.Content.ReadFromJsonAsync(AgentJson.Default.ChallengeResponse))!.Nonce;
    }

    public Task<HttpResponseMessage> TryTicketAsync(string nonce, ECDsa? key = null, string? nodeId = null)
    {
        var id = nodeId ?? NodeId;
        var signature = (key ?? Key).SignData(Encoding.UTF8.GetBytes(AgentProtocol.SignedText(id, nonce)), HashAlgorithmName.SHA256);
        return _http.PostAsJsonAsync(AgentProtocol.TicketPath, new TicketRequest(id, nonce, Convert.ToBase64String(signature)), AgentJson.Default.TicketRequest);
    }

    public async Task<string> TicketAsync()
    {
        using var answer = await TryTicketAsync(await ChallengeAsync());
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
        return (await answer.Content.ReadFromJsonAsync(AgentJson.Default.TicketResponse))!.Ticket;
    }

    public async Task<HubConnection> DialAsync(string ticket)
    {
        var hub = new HubConnectionBuilder()
            .WithUrl(new Uri(_http.BaseAddress!, AgentProtocol.SessionPath), options =>
            {
                options.AccessTokenProvider = () => Task.FromResult<string?>(ticket);
                options.SkipNegotiation = true;
                options.Transports = Microsoft.AspNetCore.Http.Connections.HttpTransportType.WebSockets;
                options.WebSocketConfiguration = socket => socket.RemoteCertificateValidationCallback = Trusts;
            })
            .AddJsonProtocol(json => json.PayloadSerializerOptions = AgentJson.Default.Options)
            .Build();
        hub.On<CommandEnvelope>(nameof(IAgentClient.Command), async envelope =>
        {
            Commands.Enqueue(envelope.Command);
            if (OnCommand(envelope.Command) is { } result)
            {
                await hub.SendAsync(nameof(IAgentHub.CommandEnded), result);
            }
        });
        hub.On<SessionEnd>(nameof(IAgentClient.End), Ends.Enqueue);
        hub.On<string[]>(nameof(IAgentClient.WatchUsage), Watches.Enqueue);
        hub.On(nameof(IAgentClient.Resync), () => Resyncs++);
        hub.On<int>(nameof(IAgentClient.OpenTunnels), count =>
        {
            TunnelsAsked += count;
            return OnOpenTunnels(count);
        });
        await hub.StartAsync();
        Hub = hub;
        return hub;
    }

    /// <summary>Ticket, connection and hello.</summary>
    public async Task<Welcome> ConnectAsync(bool engineUp = true)
    {
        await DialAsync(await TicketAsync());
        Welcome = await HelloAsync(engineUp ? Describe() with { Address = Address } : null);
        return Welcome;
    }

    public Task<Welcome> HelloAsync(NodeDescription? description, int version = AgentProtocol.Version) => Hub!.InvokeAsync<Welcome>(
        nameof(IAgentHub.Hello),
        new Hello(version, "0.1.0", InstanceId, TimeProvider.System.GetUtcNow().UtcDateTime, description, []));

    /// <summary>The whole inventory in one part; returns once the server has it.</summary>
    public Task ReportAsync(params ContainerReport[] containers) => Hub!.InvokeAsync(
        nameof(IAgentHub.Inventory),
        new InventoryReport { Sequence = ++_sequence, Full = true, Last = true, Containers = containers, Images = [], Networks = [], Volumes = [] });

    public Task DeltaAsync(IReadOnlyList<ContainerReport> containers, params string[] removed) => Hub!.InvokeAsync(
        nameof(IAgentHub.Inventory),
        new InventoryReport { Sequence = ++_sequence, Full = false, Last = true, Containers = containers, RemovedContainers = removed });

    public Task SendPartAsync(InventoryReport report) => Hub!.InvokeAsync(nameof(IAgentHub.Inventory), report);

    public Task BeatAsync(bool engineUp = true, ulong digest = 0) => Hub!.InvokeAsync(
        nameof(IAgentHub.Heartbeat),
        new Heartbeat(TimeProvider.System.GetUtcNow().UtcDateTime, engineUp, digest, 12.5, 1 << 20, 1 << 30, 5, 10));

    public async ValueTask DisposeAsync()
    {
        if (Hub is not null)
        {
            await Hub.DisposeAsync();
        }

        Key.Dispose();
    }
}
