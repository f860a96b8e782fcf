using System.Net.Http.Headers;
using System.Net.Sockets;

namespace ControlPlane.Agent.Engine;

/// <summary>
/// HTTP over the engine's unix socket, for what the Docker client library does not do: bodies sent as they are, statuses told apart,
/// answers streamed. Callers bring the deadline.
/// </summary>
internal sealed class EngineSocket : IDisposable
{
    /// <summary>The newest API version whose shapes this agent knows; a newer engine is called in this one.</summary>
    private static readonly Version Newest = new(1, 47);

    private const int LargestAnswer = 16 * 1024 * 1024;

    private readonly HttpClient _http;
    private volatile string _prefix = "";

    public EngineSocket(string path)
    {
        Path = path;
        _http = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancellationToken) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                try
                {
                    await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken);
                    return new NetworkStream(socket, ownsSocket: true);
                }
                catch
                {
                    socket.Dispose();
                    throw;
                }
            },
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(20),
        })
        {
            BaseAddress = new Uri("http://engine/"),
            Timeout = Timeout.InfiniteTimeSpan,
            MaxResponseContentBufferSize = LargestAnswer,
        };
    }

    public string Path { get; }

    /// <summary>The API version in use, as <c>1.41</c>; empty before the first negotiation.</summary>
    public string ApiVersion => _prefix.Length == 0 ? "" : _prefix[1..];

    /// <summary>Chooses the API version from what the engine says it can do.</summary>
    public Version Negotiate(string? newestOfEngine, string? oldestOfEngine)
    {
        var version = Version.TryParse(newestOfEngine, out var newest) ? newest : new Version(1, 41);
        version = version > Newest ? Newest : version;
        version = Version.TryParse(oldestOfEngine, out var oldest) && version < oldest ? oldest : version;
        _prefix = $"v{version.Major}.{version.Minor}";
        return version;
    }

    /// <summary>True when the engine answers its ping.</summary>
    public async Task<bool> PingAsync(CancellationToken cancellationToken)
    {
        using var answer = await _http.GetAsync("_ping", cancellationToken);
        return answer.IsSuccessStatusCode;
    }

    public Task<EngineAnswer> PostAsync(string path, CancellationToken cancellationToken, string? json = null) =>
        SendAsync(HttpMethod.Post, path, json, cancellationToken);

    public Task<EngineAnswer> DeleteAsync(string path, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Delete, path, null, cancellationToken);

    public Task<EngineAnswer> GetAsync(string path, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Get, path, null, cancellationToken);

    /// <summary>Sends and returns as soon as the head of the answer is there.</summary>
    public Task<HttpResponseMessage> StreamAsync(HttpMethod method, string path, CancellationToken cancellationToken)
    {
        var request = new HttpRequestMessage(method, $"{_prefix}/{path}");
        return _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
    }

    public void Dispose() => _http.Dispose();

    private async Task<EngineAnswer> SendAsync(HttpMethod method, string path, string? json, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, $"{_prefix}/{path}");
        if (json is not null)
        {
            request.Content = new StringContent(json);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        }

        using var answer = await _http.SendAsync(request, cancellationToken);
        return new EngineAnswer((int)answer.StatusCode, await answer.Content.ReadAsByteArrayAsync(cancellationToken));
    }
}
