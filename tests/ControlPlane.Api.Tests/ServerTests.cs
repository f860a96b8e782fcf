using System.Net;
using ControlPlane.Api.Hosting;
using ControlPlane.TestKit.Databases;
using Microsoft.Extensions.Options;

namespace ControlPlane.Api.Tests;

public sealed class ServerTests
{
    [Theory, DatabaseData]
    public async Task A_fresh_directory_becomes_a_ready_server(DatabaseKind kind)
    {
        await using var server = await TestServer.StartAsync(kind);

        (await server.Anonymous.GetStringAsync("/healthz/live")).ShouldBe("""{"status":"live"}""");
        (await server.Anonymous.GetStringAsync("/healthz/ready")).ShouldBe("""{"status":"ready"}""");
        var file = Path.Combine(server.Database.DataDirectory, "admin.env");
        File.GetUnixFileMode(file).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        var text = await File.ReadAllTextAsync(file);
        text.ShouldContain($"export CONTROLPLANE_TOKEN={server.First!.Token}\n");
        text.ShouldContain($":{server.Url.Port}\n");
    }

    [Fact]
    public async Task The_own_ca_verifies_the_server()
    {
        await using var server = await TestServer.StartAsync();
        using var handler = new SocketsHttpHandler();
        var authority = System.Security.Cryptography.X509Certificates.X509CertificateLoader.LoadCertificateFromFile(Path.Combine(server.Database.DataDirectory, "ca.pem"));
        handler.SslOptions.CertificateChainPolicy = new() { TrustMode = System.Security.Cryptography.X509Certificates.X509ChainTrustMode.CustomRootTrust, CustomTrustStore = { authority }, RevocationMode = System.Security.Cryptography.X509Certificates.X509RevocationMode.NoCheck };
        using var client = new HttpClient(handler) { BaseAddress = server.Url, DefaultRequestVersion = HttpVersion.Version20 };

        var answer = await client.GetAsync("/healthz/live");

        answer.Version.ShouldBe(HttpVersion.Version20);
        answer.Headers.GetValues("X-Content-Type-Options").Single().ShouldBe("nosniff");
        answer.Headers.GetValues("Content-Security-Policy").Single().ShouldContain("frame-ancestors 'none'");
    }

    [Fact]
    public async Task Metrics_and_the_api_description_are_served_to_administrators()
    {
        await using var server = await TestServer.StartAsync();
        using var admin = server.Administrator();

        (await admin.GetStringAsync("/metrics")).ShouldContain("process_cpu_seconds_total");
        var description = await (await admin.GetAsync("/openapi/v1.json")).JsonAsync();
        description.GetProperty("openapi").GetString().ShouldStartWith("3.1");
        foreach (var operation in description.GetProperty("paths").EnumerateObject().SelectMany(path => path.Value.EnumerateObject()))
        {
            operation.Value.TryGetProperty("operationId", out _).ShouldBeTrue(operation.Name);
        }

        (await admin.GetAsync("/swagger/index.html")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task The_database_file_is_the_owners_only()
    {
        await using var server = await TestServer.StartAsync();

        foreach (var file in Directory.GetFiles(server.Database.DataDirectory, "*.db*"))
        {
            File.GetUnixFileMode(file).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite, file);
        }
    }

    [Fact]
    public async Task The_api_description_is_the_one_that_was_reviewed()
    {
        await using var server = await TestServer.StartAsync();
        using var admin = server.Administrator();
        var file = Path.Combine(RepositoryRoot(), "docs", "openapi.json");

        var served = (await admin.GetStringAsync("/openapi/v1.json")).ReplaceLineEndings("\n").TrimEnd() + "\n";
        if (Environment.GetEnvironmentVariable("CONTROLPLANE_ACCEPT_OPENAPI") == "1")
        {
            await File.WriteAllTextAsync(file, served);
        }

        served.ShouldBe(await File.ReadAllTextAsync(file), "the API changed: look at the difference, then run this test with CONTROLPLANE_ACCEPT_OPENAPI=1 and commit docs/openapi.json");
    }

    private static string RepositoryRoot()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(directory.FullName, "ControlPlane.sln")))
        {
            directory = directory.Parent ?? throw new InvalidOperationException("The tests do not run inside the repository.");
        }

        return directory.FullName;
    }

    [Fact]
    public void All_wrong_options_are_told_at_once()
    {
        var error = Should.Throw<Exception>(() => ServerApplication.Build(["--port", "70000", "--database", "oracle", "--public-url", "http://x/y", "--listen", "here"]));

        var failures = error is AggregateException all
            ? all.InnerExceptions.Cast<OptionsValidationException>().SelectMany(inner => inner.Failures).ToList()
            : [.. ((OptionsValidationException)error).Failures];
        foreach (var key in (string[])["Server:DataDirectory", "Server:Port", "Server:PublicUrl", "Server:ListenAddress", "Database:Connection"])
        {
            failures.ShouldContain(failure => failure.Contains(key, StringComparison.Ordinal), key);
        }
    }

    [Fact]
    public async Task Wrong_options_and_words_exit_with_2()
    {
        (await ServerCommandLine.RunAsync(["--port", "x"])).ShouldBe(2);
        (await ServerCommandLine.RunAsync(["dance"])).ShouldBe(2);
    }

    [Fact]
    public async Task Two_servers_do_not_share_a_directory()
    {
        await using var server = await TestServer.StartAsync();

        (await ServerCommandLine.RunAsync(["--data", server.Database.DataDirectory, "--port", "0"])).ShouldBe(1);
    }
}
