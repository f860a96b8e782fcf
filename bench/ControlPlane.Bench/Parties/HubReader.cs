using System.Net.WebSockets;
using System.Security.Cryptography.X509Certificates;
using ControlPlane.Contracts.Live;
using ControlPlane.Lab;
using Microsoft.AspNetCore.SignalR.Client;

namespace ControlPlane.Bench.Parties;

/// <summary>One page at the dashboard's hub: says what it shows and hears which of it changed.</summary>
internal sealed class HubReader : IAsyncDisposable
{
    private readonly HubConnection _hub;
    private readonly X509Certificate2 _authority;
    private readonly HttpMessageInvoker _sockets;

    public HubReader(LabServer server, Action<IReadOnlyList<string>> onChanged)
    {
        _authority = X509CertificateLoader.LoadCertificateFromFile(server.CaPath);
        _sockets = new HttpMessageInvoker(LabApi.CreateHandler(_authority));
        var token = server.Token;
        _hub = new HubConnectionBuilder()
            .WithUrl(new Uri(server.LocalUrl + "/hubs/live"), options =>
            {
                options.SkipNegotiation = true;
                options.Transports = Microsoft.AspNetCore.Http.Connections.HttpTransportType.WebSockets;
                options.WebSocketFactory = async (context, cancellation) =>
                {
                    var socket = new ClientWebSocket();
                    socket.Options.SetRequestHeader("Authorization", "Bearer " + token);
                    await socket.ConnectAsync(context.Uri, _sockets, cancellation);
                    return socket;
                };
            })
            .Build();
        _hub.On<LiveChanges>(nameof(ILiveClient.Changed), changes => onChanged(changes.Containers));
    }

    public async Task StartAsync(IReadOnlyList<string> containers, CancellationToken cancellationToken)
    {
        await _hub.StartAsync(cancellationToken);
        await _hub.InvokeAsync("Watch", new LiveWatch(containers, [], [], []), cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await _hub.DisposeAsync();
        _sockets.Dispose();
        _authority.Dispose();
    }
}
