using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using ControlPlane.EndToEnd.Tests.Browser;
using ControlPlane.EndToEnd.Tests.Clusters;
using ControlPlane.Lab;
using Microsoft.Playwright;

namespace ControlPlane.EndToEnd.Tests.Proxies;

/// <summary>The proxies of docs/operations/tls.md, real ones, before a real server.</summary>
public sealed class ProxyTests(ProxiedCluster proxied, Chromium chromium) : IClassFixture<ProxiedCluster>, IClassFixture<Chromium>, IAsyncLifetime
{
    // This machine's, and not the proxies' own.
    private static readonly IPAddress Client = IPAddress.Parse("127.0.0.9");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private TestCluster Cluster => proxied.Cluster;

    public static TheoryData<string> Ending => ["nginx", "caddy"];

    public static TheoryData<string> All => ["nginx", "caddy", "passed"];

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync() => await Cluster.ResetAsync();

    [Theory, MemberData(nameof(All))]
    public async Task The_trail_names_the_caller_and_not_the_proxy(string proxy)
    {
        using var client = Open(proxy);
        client.DefaultRequestHeaders.Add("X-Forwarded-For", "6.6.6.6");
        using var made = await client.PostAsJsonAsync("/api/v1/join-tokens", new { name = $"by {proxy}", expiresInSeconds = 60 }, Cancellation);
        made.IsSuccessStatusCode.ShouldBeTrue();

        var entries = (await Cluster.Api.GetAsync("/audit?action=join_tokens.create&limit=1")).As<JsonObject>();

        entries["items"]![0]!["remoteAddress"]!.GetValue<string>().ShouldBe(Client.ToString());
    }

    [Theory, MemberData(nameof(All))]
    public async Task Events_come_while_the_stream_is_open(string proxy)
    {
        using var client = Open(proxy);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/events");
        using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancellation);
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(Cancellation));
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        limit.CancelAfter(TimeSpan.FromSeconds(15));

        var created = await Cluster.Api.RunAsync(Specs.Sleeper($"seen-by-{proxy}"));

        string? line;
        do
        {
            line = await reader.ReadLineAsync(limit.Token);
        }
        while (line is not null && !line.Contains(created.Id, StringComparison.Ordinal));
        line.ShouldNotBeNull();
    }

    [Theory, MemberData(nameof(All))]
    public async Task A_person_signs_in_and_sees_rows_change(string proxy)
    {
        var created = await Cluster.Api.RunAsync(Specs.Sleeper($"row-{proxy}"));
        await using var context = await chromium.OpenAsync(ProxiedCluster.Url(PortOf(proxy)));
        var page = await context.NewPageAsync();
        await page.GotoAsync("/sign-in");
        await page.FillAsync("#name", "admin");
        await page.FillAsync("#password", Cluster.Lab.AdminPassword!);
        await page.ClickAsync("button[type=submit]");
        await Assertions.Expect(page.Locator(".node-tile")).ToHaveCountAsync(1, new() { Timeout = 15_000 });
        await page.GotoAsync("/containers");
        var row = page.Locator($"tr[data-name='row-{proxy}']");
        await Assertions.Expect(row).ToHaveAttributeAsync("data-state", "running", new() { Timeout = 15_000 });
        await Assertions.Expect(page.Locator("#live-dot")).ToHaveAttributeAsync("data-state", "live", new() { Timeout = 15_000 });

        await Cluster[created.Node].DockerAsync(["kill", $"row-{proxy}"], Cancellation);

        await Assertions.Expect(row).ToHaveAttributeAsync("data-state", "exited", new() { Timeout = 5000 });
    }

    [Theory, MemberData(nameof(Ending))]
    public async Task Docker_is_told_to_go_past_a_proxy_that_would_lose_its_output(string proxy)
    {
        var result = await DockerAsync(TokenEnvironment(PortOf(proxy), proxied.ProxyAuthorityFile), "docker version; docker run --rm busybox echo hi");

        result.ExitCode.ShouldNotBe(0);
        result.Error.ShouldContain("docker goes past this proxy");
    }

    [Theory]
    [InlineData("token")]
    [InlineData("bundle")]
    public async Task Docker_works_where_tcp_is_passed_through(string credential)
    {
        var environment = credential == "token"
            ? TokenEnvironment(proxied.PassedPort, Cluster.Lab.Server.CaPath)
            : new Dictionary<string, string?>
            {
                ["DOCKER_HOST"] = proxied.DockerHost(proxied.PassedDockerPort.ToString(CultureInfo.InvariantCulture)), ["DOCKER_TLS_VERIFY"] = "1",
                ["DOCKER_CERT_PATH"] = Path.Combine(Cluster.Lab.Directory, "docker"), ["DOCKER_CONFIG"] = Home("bundle"), ["HOME"] = Home("bundle"),
            };

        var result = await DockerAsync(environment, """
            set -e
            docker run --rm busybox echo run
            docker run -d --name held --stop-signal KILL busybox sleep 3600 >/dev/null
            docker exec held sh -c 'sleep 1; echo exec'
            echo input | docker exec -i held cat
            docker run -d --name talks busybox sh -c 'echo one; sleep 1; echo two' >/dev/null
            docker logs -f talks
            head -c 8000000 /dev/urandom > "$HOME/blob"; tar -c -C "$HOME" blob | docker import - blob >/dev/null
            docker save blob -o "$HOME/blob.tar"; docker rmi blob >/dev/null; docker load -q -i "$HOME/blob.tar"; docker rmi blob >/dev/null
            """);

        result.ExitCode.ShouldBe(0, result.Error);
        result.Output.ShouldBe("run\nexec\ninput\none\ntwo\nLoaded image: blob:latest\n");
    }

    [Theory, MemberData(nameof(Ending))]
    public async Task An_agent_that_trusts_the_public_goes_through_a_proxy_that_ends_tls(string proxy)
    {
        var node = Cluster.Lab.Nodes[0];
        var data = Path.Combine(Cluster.Lab.Paths.Node(node.Name), "agent");
        await node.StopAgentAsync(Cancellation);
        var agent = new DetachedProcess(Path.Combine(data, $"{proxy}.pid"), Path.Combine(data, $"{proxy}.log"), $"--data {data} ");
        try
        {
            await agent.StartAsync(
                [Repository.AgentBinary, "--data", data, "--engine", $"unix://{node.EngineSocket}", "--server", ProxiedCluster.Url(PortOf(proxy))],
                new Dictionary<string, string?> { ["SSL_CERT_FILE"] = proxied.ProxyAuthorityFile }, Cancellation);
            await Cluster.NodeIsAsync(node.Name, 20, seen => seen.State == "Ready" && Connected(agent));

            var created = await Cluster.Api.RunAsync(Specs.Shell("echo through; exec sleep 3600", $"through-{proxy}", spec => spec["stopSignal"] = "SIGKILL"));

            await Wait.UntilAsync("The log through the proxy", 10, async () =>
                (await Cluster.Api.GetAsync($"/containers/{created.Id}/logs?stdout=true")).Text.Contains("through", StringComparison.Ordinal));
        }
        finally
        {
            await agent.StopAsync(TimeSpan.FromSeconds(10), CancellationToken.None);
            await node.StartAgentAsync(CancellationToken.None);
        }
    }

    private static bool Connected(DetachedProcess agent) => File.ReadAllText(agent.LogFile).Contains("Connected as", StringComparison.Ordinal);

    private int PortOf(string proxy) => proxy switch { "nginx" => proxied.NginxPort, "caddy" => proxied.CaddyPort, _ => proxied.PassedPort };

    /// <summary>Comes from an address of its own.</summary>
    private HttpClient Open(string proxy)
    {
        var authority = X509CertificateLoader.LoadCertificateFromFile(proxy == "passed" ? Cluster.Lab.Server.CaPath : proxied.ProxyAuthorityFile);
        var handler = LabApi.CreateHandler(authority);
        handler.ConnectCallback = async (context, cancellationToken) =>
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(Client, 0));
            await socket.ConnectAsync(IPAddress.Loopback, context.DnsEndPoint.Port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        };
        var client = new HttpClient(handler) { BaseAddress = new Uri(ProxiedCluster.Url(PortOf(proxy))), Timeout = TimeSpan.FromSeconds(30) };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Cluster.Lab.Server.Token);
        return client;
    }

    private Dictionary<string, string?> TokenEnvironment(int port, string authority)
    {
        var home = Home($"token-{port}");
        File.WriteAllText(Path.Combine(home, "config.json"), $$"""{"HttpHeaders": {"Authorization": "Bearer {{Cluster.Lab.Server.Token}}" } }""");
        File.Copy(authority, Path.Combine(home, "ca.pem"), overwrite: true);
        return new Dictionary<string, string?>
        {
            ["DOCKER_HOST"] = string.Create(CultureInfo.InvariantCulture, $"tcp://localhost:{port}"), ["DOCKER_TLS_VERIFY"] = "1",
            ["DOCKER_CERT_PATH"] = home, ["DOCKER_CONFIG"] = home, ["HOME"] = home,
        };
    }

    private string Home(string name)
    {
        var home = Path.Combine(Cluster.Lab.Directory, "home-" + name);
        Directory.CreateDirectory(home);
        return home;
    }

    private static Task<CommandResult> DockerAsync(Dictionary<string, string?> environment, string script)
    {
        environment["DOCKER_CONTEXT"] = environment["DOCKER_API_VERSION"] = null;
        return Command.RunAsync("/bin/bash", ["-c", script], TimeSpan.FromSeconds(120), environment, Cancellation);
    }
}
