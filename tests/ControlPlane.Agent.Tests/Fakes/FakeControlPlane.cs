using System.Net;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using ControlPlane.Contracts.Agents;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ControlPlane.Agent.Tests.Fakes;

/// <summary>The server's side of the agent protocol, in memory, with everything it was told.</summary>
internal sealed class FakeControlPlane : IAsyncDisposable
{
    private readonly WebApplication _app;
    private string _publicKey = "";

    private FakeControlPlane(X509Certificate2 certificate, X509Certificate2 authority, string digest, int port)
    {
        Token = JoinToken.Create(digest);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port, listen => listen.UseHttps(https =>
        {
            https.ServerCertificate = certificate;
            https.ServerCertificateChain = [authority];
        })));
        builder.Services.AddSingleton(this);
        builder.Services.AddSignalR(hub => hub.MaximumReceiveMessageSize = AgentProtocol.MaxMessageBytes)
            .AddJsonProtocol(json => json.PayloadSerializerOptions = new JsonSerializerOptions(AgentJson.Default.Options));
        _app = builder.Build();
        _app.UseWebSockets();
        _app.MapPost(AgentProtocol.JoinPath, JoinAsync);
        _app.MapPost(AgentProtocol.ChallengePath, ChallengeAsync);
        _app.MapPost(AgentProtocol.TicketPath, TicketAsync);
        _app.MapHub<FakeAgentHub>(AgentProtocol.SessionPath);
        _app.Map(AgentProtocol.TunnelPath, TunnelAsync);
    }

    public JoinToken Token { get; }

    public Record Seen { get; } = new();

    public AgentRefusal? RefuseJoin { get; set; }

    public AgentRefusal? RefuseChallenge { get; set; }

    public int WarmTunnels { get; set; }

    /// <summary>What a welcome names.</summary>
    public IReadOnlyList<string>? TrustedKeys { get; set; }

    public int HeartbeatMilliseconds { get; set; } = 500;

    public Uri Address => new(_app.Urls.First());

    public int Joins { get; private set; }

    public IHubContext<FakeAgentHub> Hub => _app.Services.GetRequiredService<IHubContext<FakeAgentHub>>();

    public static async Task<FakeControlPlane> StartAsync(TestAuthority authority, X509Certificate2? certificate = null, string? digest = null, int port = 0)
    {
        var server = new FakeControlPlane(certificate ?? authority.Issue(), authority.Sent, digest ?? authority.KeyDigest, port);
        await server._app.StartAsync();
        return server;
    }

    public void Know(string publicKey) => _publicKey = publicKey;

    public string PublicKey => _publicKey;

    public Task SendAsync(AgentCommand command) => Hub.Clients.All.SendAsync(nameof(IAgentClient.Command), new CommandEnvelope(command));

    public async Task<CommandResult> RunAsync(AgentCommand command)
    {
        await SendAsync(command);
        return await Seen.Until(seen => seen.Results.Find(result => result.CommandId == command.Id));
    }

    public async ValueTask DisposeAsync()
    {
        using var hurry = new CancellationTokenSource(TimeSpan.FromMilliseconds(500));
        await _app.StopAsync(hurry.Token);
        await _app.DisposeAsync();
    }

    private async Task JoinAsync(HttpContext http)
    {
        var request = (await JsonSerializer.DeserializeAsync(http.Request.Body, AgentJson.Default.JoinRequest))!;
        Joins++;
        if (RefuseJoin is { } refusal)
        {
            await RefuseAsync(http, refusal);
            return;
        }

        if (request.Secret != Token.Secret)
        {
            await RefuseAsync(http, new AgentRefusal("join_token.unknown", "The join token is not known."));
            return;
        }

        Seen.Add(seen => seen.Join = request);
        Know(request.PublicKey);
        await AnswerAsync(http, new JoinResponse("node-id-1", request.Name, true, TimeProvider.System.GetUtcNow().UtcDateTime), AgentJson.Default.JoinResponse);
    }

    private async Task ChallengeAsync(HttpContext http)
    {
        if (RefuseChallenge is { } refusal)
        {
            Seen.Add(seen => seen.Challenges++);
            await RefuseAsync(http, refusal);
            return;
        }

        await AnswerAsync(http, new ChallengeResponse("a-nonce", TimeProvider.System.GetUtcNow().UtcDateTime), AgentJson.Default.ChallengeResponse);
    }

    private async Task TicketAsync(HttpContext http)
    {
        var request = (await JsonSerializer.DeserializeAsync(http.Request.Body, AgentJson.Default.TicketRequest))!;
        using var key = ECDsa.Create();
        key.ImportSubjectPublicKeyInfo(Convert.FromBase64String(_publicKey), out _);
        var good = key.VerifyData(
            Encoding.UTF8.GetBytes(AgentProtocol.SignedText(request.NodeId, request.Nonce)), Convert.FromBase64String(request.Signature),
            HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        await (good ? AnswerAsync(http, new TicketResponse("ticket-1"), AgentJson.Default.TicketResponse) : RefuseAsync(http, new AgentRefusal("signature", "bad signature")));
    }

    private async Task TunnelAsync(HttpContext http)
    {
        if (http.Request.Headers.Authorization != "Bearer tunnel-key")
        {
            http.Response.StatusCode = 401;
            return;
        }

        using var socket = await http.WebSockets.AcceptWebSocketAsync();
        var done = new TaskCompletionSource();
        Seen.Add(seen => seen.Tunnels.Add((socket, done)));
        await done.Task.WaitAsync(http.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private static Task RefuseAsync(HttpContext http, AgentRefusal refusal)
    {
        http.Response.StatusCode = 403;
        return AnswerAsync(http, refusal, AgentJson.Default.AgentRefusal);
    }

    private static async Task AnswerAsync<T>(HttpContext http, T value, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type)
    {
        http.Response.ContentType = "application/json";
        await http.Response.Body.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(value, type));
    }

    /// <summary>What the agent has said.</summary>
    internal sealed class Record
    {
        private readonly Lock _gate = new();
        private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public JoinRequest? Join { get; set; }

        public int Challenges { get; set; }

        public List<Hello> Hellos { get; } = [];

        public List<Heartbeat> Heartbeats { get; } = [];

        public List<NodeDescription> Descriptions { get; } = [];

        public List<InventoryReport> Reports { get; } = [];

        public List<CommandResult> Results { get; } = [];

        public List<CommandProgress> Progress { get; } = [];

        public List<UsageReport> Usage { get; } = [];

        public List<(WebSocket Socket, TaskCompletionSource Done)> Tunnels { get; } = [];

        public Dictionary<string, ContainerReport> Containers { get; } = [];

        public bool Full { get; set; }

        public void Add(Action<Record> add)
        {
            lock (_gate)
            {
                add(this);
                var changed = _changed;
                _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
                changed.TrySetResult();
            }
        }

        public async Task<T> Until<T>(Func<Record, T?> find, int seconds = 20)
            where T : class
        {
            using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(seconds));
            while (true)
            {
                Task changed;
                lock (_gate)
                {
                    if (find(this) is { } found)
                    {
                        return found;
                    }

                    changed = _changed.Task;
                }

                await changed.WaitAsync(deadline.Token);
            }
        }

        public Task Until(Func<Record, bool> holds, int seconds = 20) => Until(record => holds(record) ? record : null, seconds);

        public void Apply(InventoryReport report) => Add(seen =>
        {
            if (report.Full && (seen.Reports.Count == 0 || seen.Reports[^1].Sequence != report.Sequence))
            {
                seen.Containers.Clear();
            }

            seen.Reports.Add(report);
            foreach (var gone in report.RemovedContainers)
            {
                seen.Containers.Remove(gone);
            }

            foreach (var container in report.Containers)
            {
                seen.Containers[container.EngineId] = container;
            }

            seen.Full |= report is { Full: true, Last: true };
        });
    }
}
