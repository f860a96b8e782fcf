using System.Buffers;
using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using ControlPlane.Agent.Engine;
using ControlPlane.Agent.Hosting;
using ControlPlane.Agent.Policy;
using ControlPlane.Agent.Tunnels;
using ControlPlane.Contracts.Agents;
using ControlPlane.Contracts.Tunnels;

namespace ControlPlane.Agent.Tests.Fakes;

/// <summary>One tunnel over loopback: the agent's side with an engine, the server's side for the test.</summary>
internal sealed class TunnelBench : IAsyncDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly CancellationTokenSource _stop = new();
    private readonly EngineSocket _engine;
    private readonly TunnelChannel _agent;
    private readonly Task _serving;

    private TunnelBench(TunnelChannel server, TunnelChannel agent, EngineSocket engine, PolicyRules rules, AgentDeadlines deadlines)
    {
        Server = server;
        _agent = agent;
        _engine = engine;
        _serving = new Tunnel(agent, engine, new HostPolicy(rules), deadlines, TimeProvider.System).RunAsync(_ => { }, _stop.Token);
    }

    public TunnelChannel Server { get; }

    /// <summary>Ends when the agent does not serve this tunnel any more.</summary>
    public Task Serving => _serving;

    public static async Task<TunnelBench> OpenAsync(string engine, PolicyRules? rules = null, AgentDeadlines? deadlines = null, string api = "1.41")
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var client = new TcpClient();
        var accepting = listener.AcceptTcpClientAsync();
        await client.ConnectAsync((IPEndPoint)listener.LocalEndpoint);
        var accepted = await accepting;
        var socket = new EngineSocket(engine);
        socket.Negotiate(api, "1.12");
        return new TunnelBench(
            TunnelChannel.OfServer(WebSocket.CreateFromStream(accepted.GetStream(), new WebSocketCreationOptions { IsServer = true })),
            TunnelChannel.OfAgent(WebSocket.CreateFromStream(client.GetStream(), new WebSocketCreationOptions { IsServer = false })),
            socket,
            rules ?? new PolicyRules(),
            deadlines ?? RunningAgent.Short);
    }

    public async Task<TunnelTurn> BeginAsync(TunnelRequest request) =>
        await Server.BeginAsync(JsonSerializer.SerializeToUtf8Bytes(request, AgentJson.Default.TunnelRequest), isWhole: false, CancellationToken.None).WaitAsync(Patience);

    public async Task<(TunnelResponse Head, string Body)> AskAsync(TunnelRequest request, string body = "")
    {
        var turn = await BeginAsync(request);
        await turn.SendDataAsync(Encoding.Latin1.GetBytes(body), CancellationToken.None);
        await turn.SendEndAsync(CancellationToken.None);
        return (await HeadAsync(turn), await ReadAllAsync(turn));
    }

    public static async Task<TunnelResponse> HeadAsync(TunnelTurn turn) =>
        JsonSerializer.Deserialize((await turn.Head.WaitAsync(Patience)).Span, AgentJson.Default.TunnelResponse)!;

    public static async Task<string> ReadAllAsync(TunnelTurn turn)
    {
        var text = new StringBuilder();
        while (await ReadAsync(turn) is { Length: > 0 } part)
        {
            text.Append(part);
        }

        return text.ToString();
    }

    /// <summary>Some bytes; empty at the end.</summary>
    public static async Task<string> ReadAsync(TunnelTurn turn)
    {
        using var deadline = new CancellationTokenSource(Patience);
        var data = await turn.ReadAsync(deadline.Token);
        if (data.IsEmpty)
        {
            return "";
        }

        var text = Encoding.Latin1.GetString(data.ToArray());
        turn.Advance(data.End, (int)data.Length);
        return text;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        Server.Dispose();
        await _serving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _agent.Dispose();
        _engine.Dispose();
        _stop.Dispose();
    }
}
