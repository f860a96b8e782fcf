using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;

namespace ControlPlane.Lab;

/// <summary>The few REST calls a lab needs of its server.</summary>
public sealed class LabApi : IDisposable
{
    private readonly X509Certificate2 _authority;

    internal LabApi(string url, string caPath, string? token)
    {
        _authority = X509CertificateLoader.LoadCertificateFromFile(caPath);
        Client = new HttpClient(CreateHandler(_authority)) { BaseAddress = new Uri(url), Timeout = TimeSpan.FromSeconds(30) };
        if (token is not null)
        {
            Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }
    }

    /// <summary>For whatever else a test wants to ask.</summary>
    public HttpClient Client { get; }

    /// <summary>Transport that trusts exactly one CA.</summary>
    public static SocketsHttpHandler CreateHandler(X509Certificate2 authority)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
        };
        policy.CustomTrustStore.Add(authority);
        return new SocketsHttpHandler
        {
            UseProxy = false,
            UseCookies = false,
            SslOptions = { CertificateChainPolicy = policy },
        };
    }

    public async Task<bool> IsReadyAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await Client.GetAsync(new Uri("/healthz/ready", UriKind.Relative), cancellationToken);
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    /// <summary>A join token for one node.</summary>
    public async Task<string> CreateJoinTokenAsync(
        IReadOnlyDictionary<string, string> labels, CancellationToken cancellationToken)
    {
        using var answer = await Client.PostAsJsonAsync(
            "/api/v1/join-tokens", new { name = "lab", uses = 1, expiresInSeconds = 3600, labels }, cancellationToken);
        var body = await answer.Content.ReadAsStringAsync(cancellationToken);
        return answer.IsSuccessStatusCode && JsonNode.Parse(body)?["token"] is { } token
            ? token.GetValue<string>()
            : throw new LabException($"The server gave no join token ({(int)answer.StatusCode}): {body}");
    }

    public async Task<IReadOnlyList<LabNodeStatus>> NodesAsync(CancellationToken cancellationToken)
    {
        using var answer = await Client.GetAsync(new Uri("/api/v1/nodes", UriKind.Relative), cancellationToken);
        var body = await answer.Content.ReadAsStringAsync(cancellationToken);
        if (!answer.IsSuccessStatusCode)
        {
            throw new LabException($"The server does not list its nodes ({(int)answer.StatusCode}): {body}");
        }

        return
        [
            .. (JsonNode.Parse(body)?["items"]?.AsArray() ?? []).OfType<JsonObject>().Select(node => new LabNodeStatus(
                node["name"]?.GetValue<string>() ?? "",
                node["state"]?.GetValue<string>() ?? "",
                node["availability"]?.GetValue<string>() ?? "")),
        ];
    }

    /// <summary>As above; none while the server is not to be reached.</summary>
    public async Task<IReadOnlyList<LabNodeStatus>> TryNodesAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await NodesAsync(cancellationToken);
        }
        catch (HttpRequestException)
        {
            return [];
        }
    }

    public void Dispose()
    {
        Client.Dispose();
        _authority.Dispose();
    }
}
