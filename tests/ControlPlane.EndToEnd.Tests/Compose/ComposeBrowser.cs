using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using ControlPlane.Lab;

namespace ControlPlane.EndToEnd.Tests.Compose;

/// <summary>Somebody signed in with name and password, as the dashboard does it: a session cookie, over TLS checked by one CA.</summary>
internal sealed class ComposeBrowser : IDisposable
{
    private readonly HttpClient _client;

    private ComposeBrowser(HttpClient client) => _client = client;

    public HttpClient Client => _client;

    public static async Task<ComposeBrowser> SignInAsync(
        Uri url, X509Certificate2 authority, string name, string password, CancellationToken cancellationToken)
    {
        var handler = LabApi.CreateHandler(X509CertificateLoader.LoadCertificate(authority.RawData));
        handler.UseCookies = true;
        handler.CookieContainer = new CookieContainer();
        var client = new HttpClient(handler) { BaseAddress = url, Timeout = TimeSpan.FromSeconds(30) };
        client.DefaultRequestHeaders.Add("X-Requested-With", "test");
        using var answer = await client.PostAsJsonAsync("/api/v1/auth/login", new { name, password }, cancellationToken);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        return new ComposeBrowser(client);
    }

    public async Task<JsonNode> GetAsync(string path, CancellationToken cancellationToken)
    {
        using var answer = await _client.GetAsync("/api/v1" + path, cancellationToken);
        var text = await answer.Content.ReadAsStringAsync(cancellationToken);
        answer.IsSuccessStatusCode.ShouldBeTrue($"{path}: {(int)answer.StatusCode} {text}");
        return JsonNode.Parse(text)!;
    }

    public async Task<HttpStatusCode> PutAsync(string path, JsonNode body, long revision, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, "/api/v1" + path) { Content = JsonContent.Create(body) };
        request.Headers.TryAddWithoutValidation("If-Match", $"\"{revision}\"");
        using var answer = await _client.SendAsync(request, cancellationToken);
        return answer.StatusCode;
    }

    public async Task<(HttpStatusCode Status, JsonNode? Body)> PostAsync(string path, object body, CancellationToken cancellationToken, string? prefer = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1" + path) { Content = JsonContent.Create(body) };
        if (prefer is not null)
        {
            request.Headers.TryAddWithoutValidation("Prefer", prefer);
        }

        using var answer = await _client.SendAsync(request, cancellationToken);
        var text = await answer.Content.ReadAsStringAsync(cancellationToken);
        return (answer.StatusCode, text.Length > 0 && answer.Content.Headers.ContentType?.MediaType?.EndsWith("json", StringComparison.Ordinal) == true ? JsonNode.Parse(text) : null);
    }

    /// <summary>Waits until the node has a state.</summary>
    public Task NodeIsAsync(string node, string state, double seconds, CancellationToken cancellationToken) => Deadline.UntilAsync(
        $"The state {state} of {node}", TimeSpan.FromSeconds(seconds),
        async cancellation =>
        {
            try
            {
                var nodes = await GetAsync("/nodes", cancellation);
                return nodes["items"]!.AsArray().Any(item => (string?)item!["name"] == node && (string?)item["state"] == state);
            }
            catch (Exception error) when (error is HttpRequestException or ShouldAssertException)
            {
                // The server is on its way.
                return false;
            }
        },
        cancellationToken);

    public void Dispose() => _client.Dispose();
}
