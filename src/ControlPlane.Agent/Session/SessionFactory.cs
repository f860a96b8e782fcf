using System.Text.Json;
using ControlPlane.Agent.Hosting;
using ControlPlane.Agent.Joining;
using ControlPlane.Contracts.Agents;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.Extensions.DependencyInjection;

namespace ControlPlane.Agent.Session;

/// <summary>Builds the connection of one session: WebSockets only, our JSON, our trust, no reconnect of its own.</summary>
internal sealed class SessionFactory(Uri server, ServerTrust trust, AgentDeadlines deadlines)
{
    public HubConnection Create(string ticket)
    {
        var builder = new HubConnectionBuilder().WithUrl(new Uri(server, AgentProtocol.SessionPath), options =>
        {
            options.Transports = HttpTransportType.WebSockets;
            options.SkipNegotiation = true;
            options.AccessTokenProvider = () => Task.FromResult<string?>(ticket);
            options.CloseTimeout = deadlines.Shutdown;
            options.HttpMessageHandlerFactory = _ => trust.CreateHandler(deadlines.ServerConnect);
            options.WebSocketConfiguration = socket => socket.RemoteCertificateValidationCallback = trust.Accepts;
        });
        builder.AddJsonProtocol(options => options.PayloadSerializerOptions = new JsonSerializerOptions(AgentJson.Default.Options));
        var hub = builder.Build();
        hub.HandshakeTimeout = deadlines.Handshake;
        hub.ServerTimeout = deadlines.Handshake + deadlines.MinimumServerSilence;
        return hub;
    }
}
