using System.Net.WebSockets;
using ControlPlane.Agent.Engine;
using ControlPlane.Agent.Hosting;
using ControlPlane.Agent.Joining;
using ControlPlane.Agent.Policy;
using ControlPlane.Contracts.Agents;
using ControlPlane.Contracts.Tunnels;
using Microsoft.Extensions.Logging;

namespace ControlPlane.Agent.Tunnels;

/// <summary>Dials tunnels to the server.</summary>
internal sealed class TunnelDialer(
    Uri server, ServerTrust trust, EngineSocket engine, HostPolicy policy, AgentDeadlines deadlines, TimeProvider time, ILogger<TunnelPool> logger)
{
    private readonly Uri _address = new UriBuilder(new Uri(server, AgentProtocol.TunnelPath)) { Scheme = "wss" }.Uri;

    /// <summary>The tunnels of one session; disposing it closes them.</summary>
    public TunnelPool CreatePool() => new(this, deadlines, time, logger);

    public async Task<TunnelChannel> DialAsync(string tunnelKey, CancellationToken cancellationToken)
    {
        var socket = new ClientWebSocket();
        try
        {
            socket.Options.RemoteCertificateValidationCallback = trust.Accepts;
            socket.Options.SetRequestHeader("Authorization", "Bearer " + tunnelKey);
            socket.Options.KeepAliveInterval = deadlines.TunnelKeepAlive;
            socket.Options.KeepAliveTimeout = deadlines.TunnelKeepAlive;
            using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            deadline.CancelAfter(deadlines.ServerConnect + deadlines.ServerConnect);
            await socket.ConnectAsync(_address, deadline.Token);
            return TunnelChannel.OfAgent(socket);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public Tunnel Serve(TunnelChannel channel) => new(channel, engine, policy, deadlines, time);
}
