using System.Globalization;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using ControlPlane.Lab;

namespace ControlPlane.Bench.Parties;

/// <summary>The baseline: plain HTTP on the engine's own socket, past the control plane.</summary>
internal sealed class EngineClient : IDisposable
{
    public static readonly string[] Sleep = ["sleep", "1d"];

    private readonly HttpClient _http;

    public EngineClient(string socketPath)
    {
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            ConnectCallback = async (_, cancellationToken) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                try
                {
                    await socket.ConnectAsync(new UnixDomainSocketEndPoint(socketPath), cancellationToken);
                    return new NetworkStream(socket, ownsSocket: true);
                }
                catch
                {
                    socket.Dispose();
                    throw;
                }
            },
        };
        _http = new HttpClient(handler) { BaseAddress = new Uri("http://engine/v1.41/"), Timeout = TimeSpan.FromSeconds(90) };
    }

    /// <summary>Creates and starts a container on the host's network, and returns its id.</summary>
    public async Task<string> RunAsync(CancellationToken cancellationToken)
    {
        using var created = await _http.PostAsJsonAsync(
            new Uri("containers/create", UriKind.Relative),
            new { Image = BusyboxImage.Name, Cmd = Sleep, HostConfig = new { NetworkMode = "host" } },
            new System.Text.Json.JsonSerializerOptions(), cancellationToken);
        var id = await IdOfAsync(created, cancellationToken);
        using var started = await _http.PostAsync(new Uri($"containers/{id}/start", UriKind.Relative), content: null, cancellationToken);
        _ = started.EnsureSuccessStatusCode();
        return id;
    }

    public async Task RemoveAsync(string id, CancellationToken cancellationToken)
    {
        using var answer = await _http.DeleteAsync(new Uri($"containers/{id}?force=1", UriKind.Relative), cancellationToken);
        _ = answer.EnsureSuccessStatusCode();
    }

    public void Dispose() => _http.Dispose();

    private static async Task<string> IdOfAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        var body = await answer.Content.ReadAsStringAsync(cancellationToken);
        return answer.IsSuccessStatusCode
            ? JsonNode.Parse(body)!["Id"]!.GetValue<string>()
            : throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"The engine answered {(int)answer.StatusCode}: {body}"));
    }
}
