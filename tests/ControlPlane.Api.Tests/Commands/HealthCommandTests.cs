using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using ControlPlane.Api.Hosting;
using ControlPlane.Core.Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ControlPlane.Api.Tests.Commands;

public sealed class HealthCommandTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("health-").FullName;
    private readonly StringWriter _output = new();
    private readonly StringWriter _errors = new();

    public void Dispose()
    {
        _output.Dispose();
        _errors.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task A_ready_server_is_healthy()
    {
        await using var server = await TestServer.StartAsync();

        (await RunAsync(server.Database.DataDirectory, server.Url.Port)).ShouldBe(0, _errors.ToString());

        _output.ToString().Trim().ShouldBe("The server is ready.");
    }

    [Fact]
    public async Task A_server_of_another_authority_is_not_believed()
    {
        await using var server = await TestServer.StartAsync();
        await using var other = await TestServer.StartAsync();

        (await RunAsync(other.Database.DataDirectory, server.Url.Port)).ShouldBe(1);

        _errors.ToString().ShouldContain("cannot be asked");
    }

    [Fact]
    public async Task A_given_certificate_is_known_by_its_file_though_it_is_not_made_for_localhost()
    {
        await using var authority = await TestServer.StartAsync();
        var (certificate, key) = GivenCertificate.Write(_directory, authority.Services.GetRequiredService<CertificateAuthority>(), "control.example.com");
        string[] given = ["--Server:CertificateFile", certificate, "--Server:CertificateKeyFile", key];
        await using var server = await TestServer.StartAsync(settings: given);

        (await RunAsync(server.Database.DataDirectory, server.Url.Port, given)).ShouldBe(0, _errors.ToString());
    }

    [Fact]
    public async Task A_server_that_is_not_ready_says_what_is_missing()
    {
        await using var server = await TestServer.StartAsync();
        var certificate = server.Services.GetRequiredService<ServerCertificate>();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(new TlsHandshakeCallbackOptions
        {
            OnConnection = _ => ValueTask.FromResult(new SslServerAuthenticationOptions { ServerCertificateContext = certificate.Current() }),
        })));
        await using var unready = builder.Build();
        unready.MapGet("/healthz/ready", () => Results.Json(new { status = "database" }, statusCode: 503));
        await unready.StartAsync(TestContext.Current.CancellationToken);

        (await RunAsync(server.Database.DataDirectory, new Uri(unready.Urls.First()).Port)).ShouldBe(1);

        _errors.ToString().Trim().ShouldBe("The server is not ready: database.");
    }

    [Fact]
    public async Task Nobody_listening_is_not_healthy()
    {
        await using var server = await TestServer.StartAsync();

        (await RunAsync(server.Database.DataDirectory, ClosedPort())).ShouldBe(1);

        _errors.ToString().ShouldContain("cannot be asked");
    }

    [Fact]
    public async Task A_server_that_never_answers_is_not_healthy_after_the_deadline()
    {
        await using var server = await TestServer.StartAsync();
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();

        (await RunAsync(server.Database.DataDirectory, ((IPEndPoint)silent.LocalEndpoint).Port)).ShouldBe(1);

        _errors.ToString().ShouldContain("does not answer within 5 s");
    }

    [Fact]
    public async Task Before_the_first_start_there_is_no_certificate_to_trust()
    {
        (await RunAsync(_directory, ClosedPort())).ShouldBe(1);

        _errors.ToString().ShouldContain("has not started yet");
    }

    [Theory]
    [InlineData]
    [InlineData("--data", "/d", "--port", "0")]
    [InlineData("--data", "/d", "--port", "many")]
    public async Task What_cannot_be_asked_is_a_usage_error(params string[] arguments) =>
        (await HealthCommand.RunAsync(arguments, _output, _errors, CancellationToken.None)).ShouldBe(2);

    private Task<int> RunAsync(string directory, int port, params string[] more) =>
        HealthCommand.RunAsync(["--data", directory, "--port", $"{port}", .. more], _output, _errors, TestContext.Current.CancellationToken);

    private static int ClosedPort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
