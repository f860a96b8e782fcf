using System.Globalization;
using System.Net.Sockets;
using ControlPlane.EndToEnd.Tests.Clusters;
using ControlPlane.Lab;
using ControlPlane.TestKit.Directories;

namespace ControlPlane.EndToEnd.Tests.Proxies;

/// <summary>One node, a server that trusts the proxies of this machine, and nginx and Caddy before it as the documentation writes them.</summary>
public sealed class ProxiedCluster : IAsyncLifetime
{
    private readonly TestAuthority _authority = new("Proxy CA");
    private readonly List<DetachedProcess> _proxies = [];

    // Read at each start of the server.
    private readonly List<string> _settings = ["--Server:TrustedProxies", "127.0.0.1"];
    private TestCluster? _cluster;
    private string _directory = "";

    internal TestCluster Cluster => _cluster!;

    internal string ProxyAuthorityFile => Path.Combine(_directory, "proxy-ca.pem");

    /// <summary>TLS ended by nginx.</summary>
    internal int NginxPort { get; } = FreePort.Pick();

    /// <summary>TLS ended by Caddy.</summary>
    internal int CaddyPort { get; } = FreePort.Pick();

    /// <summary>Passed through by nginx to the server's port.</summary>
    internal int PassedPort { get; } = FreePort.Pick();

    /// <summary>Passed through by nginx to the Docker endpoint.</summary>
    internal int PassedDockerPort { get; } = FreePort.Pick();

    public async ValueTask InitializeAsync()
    {
        _cluster = await TestCluster.StartAsync(
            new LabOptions
            {
                Directory = LabDirectory.CreateTemporary(),
                Nodes = 1,
                DockerPort = FreePort.Pick(),
                PublicUrl = Url(NginxPort),
                ServerArguments = _settings,
            },
            CancellationToken.None);
        // As the page says: nodes that have joined learn of it from a server that was restarted with it.
        _settings.AddRange(["--Server:AgentTrust", "public"]);
        await _cluster.Lab.Server.StopAsync(CancellationToken.None);
        await _cluster.Lab.Server.StartAsync(CancellationToken.None);
        await _cluster.Lab.WaitUntilReadyAsync(TimeSpan.FromSeconds(30), CancellationToken.None);
        _directory = Path.Combine(_cluster.Lab.Directory, "proxies");
        Directory.CreateDirectory(_directory);
        var (certificate, key) = _authority.Issue("localhost");
        await File.WriteAllTextAsync(ProxyAuthorityFile, _authority.Pem);
        await File.WriteAllTextAsync(Path.Combine(_directory, "proxy.pem"), certificate);
        await File.WriteAllTextAsync(Path.Combine(_directory, "proxy.key"), key);
        await StartAsync("nginx", NginxConfiguration(), NginxPort, file => ["/usr/sbin/nginx", "-p", _directory, "-e", $"{_directory}/nginx.err", "-c", file]);
        await StartAsync("caddy", CaddyConfiguration(), CaddyPort, file => ["caddy", "run", "--adapter", "caddyfile", "--config", file]);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var proxy in _proxies)
        {
            await proxy.StopAsync(TimeSpan.FromSeconds(10), CancellationToken.None);
        }

        if (_cluster is not null)
        {
            await _cluster.DisposeAsync();
        }

        _authority.Dispose();
    }

    internal static string Url(int port) => string.Create(CultureInfo.InvariantCulture, $"https://localhost:{port}");

    private static string Local(int port) => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}");

    private string NginxConfiguration()
    {
        var http = DocumentedSnippet.Read(
            "nginx http",
            ("listen 443 ssl http2;", $"listen {Local(NginxPort)} ssl http2;"),
            ("127.0.0.1:8443", Local(_cluster!.Lab.Server.Port)),
            ("/etc/nginx/control.example.com.pem", $"{_directory}/proxy.pem"),
            ("/etc/nginx/control.example.com.key", $"{_directory}/proxy.key"),
            ("/var/lib/controlplane/ca.pem", _cluster.Lab.Server.CaPath),
            ("control.example.com", "localhost"));
        var stream = DocumentedSnippet.Read(
            "nginx stream",
            ("listen 192.0.2.10:443;", $"listen {Local(PassedPort)};"),
            ("listen 192.0.2.10:2376;", $"listen {Local(PassedDockerPort)};"),
            ("127.0.0.1:8443", Local(_cluster.Lab.Server.Port)),
            ("127.0.0.1:2376", new Uri(DockerHost("")).Authority));
        return $$"""
            daemon off;
            load_module /usr/lib/nginx/modules/ngx_stream_module.so;
            pid {{_directory}}/nginx-master.pid;
            events { worker_connections 1024; }
            {{stream}}
            http {
                access_log off;
                client_body_temp_path {{_directory}}/body; proxy_temp_path {{_directory}}/proxy;
                fastcgi_temp_path {{_directory}}/fastcgi; uwsgi_temp_path {{_directory}}/uwsgi; scgi_temp_path {{_directory}}/scgi;
                {{http}}
            }
            """;
    }

    private string CaddyConfiguration() => "{\n\tadmin off\n\tauto_https disable_redirects\n}\n" + DocumentedSnippet.Read(
        "caddy",
        ("control.example.com {", $"{Url(CaddyPort)} {{\n\tbind 127.0.0.1\n\ttls {_directory}/proxy.pem {_directory}/proxy.key"),
        ("127.0.0.1:8443", Local(_cluster!.Lab.Server.Port)),
        ("/var/lib/controlplane/ca.pem", _cluster.Lab.Server.CaPath),
        ("control.example.com", "localhost"));

    /// <summary>As admin.env has it, or at another port.</summary>
    internal string DockerHost(string port)
    {
        var line = File.ReadLines(_cluster!.Lab.Server.AdminEnv).Single(text => text.StartsWith("export DOCKER_HOST=", StringComparison.Ordinal));
        return port.Length == 0 ? line["export DOCKER_HOST=".Length..] : $"tcp://localhost:{port}";
    }

    private async Task StartAsync(string name, string configuration, int port, Func<string, string[]> command)
    {
        var file = Path.Combine(_directory, name + ".conf");
        await File.WriteAllTextAsync(file, configuration);
        var process = new DetachedProcess(Path.Combine(_directory, name + ".pid"), Path.Combine(_directory, name + ".log"), file);
        _proxies.Add(process);
        await process.StartAsync(command(file), new Dictionary<string, string?> { ["XDG_DATA_HOME"] = _directory, ["XDG_CONFIG_HOME"] = _directory }, CancellationToken.None);
        (await Deadline.HoldsWithinAsync(TimeSpan.FromSeconds(20), cancellation => AcceptsAsync(port, cancellation), CancellationToken.None))
            .ShouldBeTrue($"{name} does not listen: {process.LastLogLine()}");
    }

    private static async Task<bool> AcceptsAsync(int port, CancellationToken cancellationToken)
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync("127.0.0.1", port, cancellationToken);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
