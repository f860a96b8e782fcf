using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using ControlPlane.Lab;

namespace ControlPlane.EndToEnd.Tests.Docker;

/// <summary>Somebody with a client bundle: docker, docker-compose and Python with its environment, and plain HTTP with its certificate.</summary>
internal sealed class DockerPerson : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly X509Certificate2 _authority;
    private readonly X509Certificate2 _certificate;

    /// <param name="name">Of the account.</param>
    /// <param name="host"><c>tcp://…</c>.</param>
    /// <param name="bundle">Directory with ca.pem, cert.pem and key.pem.</param>
    /// <param name="home">An empty directory: nobody's own settings count.</param>
    public DockerPerson(string name, string host, string bundle, string home)
    {
        (Name, Home) = (name, home);
        Directory.CreateDirectory(home);
        Environment = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["DOCKER_HOST"] = host,
            ["DOCKER_TLS_VERIFY"] = "1",
            ["DOCKER_CERT_PATH"] = bundle,
            ["DOCKER_CONFIG"] = home,
            ["DOCKER_CONTEXT"] = null,
            ["DOCKER_API_VERSION"] = null,
            ["DOCKER_BUILDKIT"] = "0",
            ["COMPOSE_DOCKER_CLI_BUILD"] = "0",
            ["COMPOSE_HTTP_TIMEOUT"] = "60",
            ["HOME"] = home,
            ["LC_ALL"] = "C.UTF-8",
            // These would count more than the bundle's authority.
            ["REQUESTS_CA_BUNDLE"] = null,
            ["CURL_CA_BUNDLE"] = null,
            ["SSL_CERT_FILE"] = null,
            ["SSL_CERT_DIR"] = null,
            // Names in the interpreter's own path would be a developer's.
            ["PYTHONPATH"] = null,
        };
        _authority = X509CertificateLoader.LoadCertificateFromFile(Path.Combine(bundle, "ca.pem"));
        using var bare = X509Certificate2.CreateFromPemFile(Path.Combine(bundle, "cert.pem"), Path.Combine(bundle, "key.pem"));
        _certificate = X509CertificateLoader.LoadPkcs12(bare.Export(X509ContentType.Pkcs12), null);
        var handler = LabApi.CreateHandler(_authority);
        handler.SslOptions.ClientCertificates = [_certificate];
        handler.SslOptions.LocalCertificateSelectionCallback = (_, _, _, _, _) => _certificate;
        Http = new HttpClient(handler) { BaseAddress = new Uri("https" + host["tcp".Length..]), Timeout = TimeSpan.FromMinutes(2) };
    }

    public string Name { get; }

    public string Home { get; }

    public Dictionary<string, string?> Environment { get; }

    public HttpClient Http { get; }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Runs docker and says how it ended.</summary>
    public Task<CommandResult> TryAsync(params string[] arguments) => Command.RunAsync("docker", arguments, Limit, Environment, Cancellation);

    /// <summary>Runs docker, which must succeed; its output without the last line end.</summary>
    public async Task<string> DockerAsync(params string[] arguments) =>
        (await TryAsync(arguments)).OutputOrThrow($"docker {string.Join(' ', arguments)} by {Name}");

    /// <summary>The lines of its output.</summary>
    public async Task<string[]> LinesAsync(params string[] arguments) =>
        (await DockerAsync(arguments)).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <summary>Runs docker, which must fail; what it said.</summary>
    public async Task<string> RefusedAsync(params string[] arguments)
    {
        var result = await TryAsync(arguments);
        result.Succeeded.ShouldBeFalse($"docker {string.Join(' ', arguments)} by {Name}: {result.Output}");
        return result.Error + result.Output;
    }

    /// <summary>A line of shell, with docker in it; arguments are $1, $2, ….</summary>
    public Task<CommandResult> ShellAsync(string script, params string[] arguments) =>
        Command.RunAsync("/bin/bash", ["-c", script, "sh", .. arguments], TimeSpan.FromSeconds(120), Environment, Cancellation);

    /// <summary>Debian's Python with python3-docker; <c>client</c> is there already.</summary>
    public async Task<string> PythonAsync(string script, params string[] arguments) => (await Command.RunAsync(
        "/usr/bin/python3", ["-c", "import docker, sys, io, tarfile, json\nclient = docker.from_env(timeout=60)\n" + script, .. arguments], TimeSpan.FromSeconds(120), Environment, Cancellation))
        .OutputOrThrow($"python3-docker by {Name}");

    /// <summary>docker-compose 1.29 in a directory.</summary>
    public Task<CommandResult> ComposeAsync(string directory, params string[] arguments) =>
        Command.RunAsync("/usr/bin/docker-compose", ["--ansi", "never", "--project-directory", directory, "-f", Path.Combine(directory, "docker-compose.yml"), .. arguments], TimeSpan.FromSeconds(120), Environment, Cancellation);

    /// <summary>One request without any client's ideas about it.</summary>
    public async Task<(int Status, string Body)> SendAsync(string method, string path, string? body = null)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        limit.CancelAfter(TimeSpan.FromSeconds(20));
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri("/v1.41" + path, UriKind.Relative));
        if (body is not null)
        {
            request.Content = new StringContent(body, Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
        }

        using var answer = await Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
        return ((int)answer.StatusCode, (int)answer.StatusCode == 101 ? "" : await answer.Content.ReadAsStringAsync(limit.Token));
    }

    public async Task<JsonNode> GetAsync(string path)
    {
        var (status, body) = await SendAsync("GET", path);
        status.ShouldBe(200, body);
        return JsonNode.Parse(body)!;
    }

    public void Dispose()
    {
        Http.Dispose();
        _certificate.Dispose();
        _authority.Dispose();
    }
}
