using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using ControlPlane.Lab;

namespace ControlPlane.Bench.Parties;

/// <summary>An administrator's program: TLS with the server's CA, an API token, connections kept.</summary>
internal sealed class RestClient : IDisposable
{
    private readonly LabServer _server;
    private HttpClient? _http;

    public RestClient(LabServer server) => _server = server;

    /// <summary>Opened at first use: the CA and the token exist only once the server has started.</summary>
    public HttpClient Http => _http ??= Open();

    /// <summary>Creates and starts a container on the host's network, and returns its id once it runs.</summary>
    public async Task<string> RunAsync(CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/containers")
        {
            Content = JsonContent.Create(new { image = BusyboxImage.Name, command = EngineClient.Sleep, networkMode = "host", pull = "never" }),
        };
        request.Headers.Add("Prefer", "wait=60");
        using var answer = await Http.SendAsync(request, cancellationToken);
        var body = await answer.Content.ReadAsStringAsync(cancellationToken);
        return (int)answer.StatusCode == 201
            ? JsonNode.Parse(body)!["id"]!.GetValue<string>()
            : throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"The create was answered with {(int)answer.StatusCode}: {body}"));
    }

    public async Task RemoveAsync(string id, CancellationToken cancellationToken)
    {
        using var answer = await Http.DeleteAsync(new Uri($"/api/v1/containers/{id}?force=true", UriKind.Relative), cancellationToken);
        _ = answer.EnsureSuccessStatusCode();
    }

    /// <summary>Reads an answer to its end.</summary>
    public async Task GetAsync(string path, CancellationToken cancellationToken)
    {
        using var answer = await Http.GetAsync(new Uri(path, UriKind.Relative), cancellationToken);
        _ = answer.EnsureSuccessStatusCode();
        _ = await answer.Content.ReadAsByteArrayAsync(cancellationToken);
    }

    /// <summary>How many a list counts; -1 while the server does not answer.</summary>
    public async Task<int> CountAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            return (await Http.GetFromJsonAsync<JsonObject>(new Uri(path, UriKind.Relative), cancellationToken))!["total"]!.GetValue<int>();
        }
        catch (HttpRequestException)
        {
            return -1;
        }
    }

    public void Dispose() => _http?.Dispose();

    private HttpClient Open()
    {
        var handler = LabApi.CreateHandler(X509CertificateLoader.LoadCertificateFromFile(_server.CaPath));
        var http = new HttpClient(handler) { BaseAddress = new Uri(_server.LocalUrl), Timeout = TimeSpan.FromSeconds(90) };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", _server.Token);
        return http;
    }
}
