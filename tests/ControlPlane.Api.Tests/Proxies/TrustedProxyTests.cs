using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using ControlPlane.Core.Identity;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace ControlPlane.Api.Tests.Proxies;

/// <summary>Whom the server takes a caller for when proxies stand before it.</summary>
public sealed class TrustedProxyTests
{
    private const string Path = "/api/v1/who-am-i";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("203.0.113.7", "203.0.113.7")]
    // What the client wrote itself stands on the left of what the proxy saw.
    [InlineData("1.2.3.4, 203.0.113.7", "203.0.113.7")]
    [InlineData("1.2.3.4, 203.0.113.7, 127.0.0.2", "203.0.113.7")]
    [InlineData("2001:db8::7", "2001:db8::7")]
    [InlineData("1.2.3.4, nonsense", "127.0.0.1")]
    [InlineData("", "127.0.0.1")]
    public async Task A_trusted_proxy_is_believed_up_to_the_first_that_is_not(string header, string expected)
    {
        await using var server = await StartAsync("127.0.0.1, 127.0.0.2");

        (await AskAsync(server, header)).ShouldBe($"{expected} https localhost:{server.Url.Port}");
    }

    [Theory]
    [InlineData(null)]
    [InlineData("10.0.0.0/8")]
    public async Task From_anybody_else_the_header_means_nothing(string? trusted)
    {
        await using var server = await StartAsync(trusted);

        (await AskAsync(server, "203.0.113.7")).ShouldStartWith("127.0.0.1 ");
    }

    [Fact]
    public async Task Links_are_made_of_the_public_address_whatever_a_proxy_says()
    {
        await using var server = await StartAsync("127.0.0.1", "--public-url", "https://control.example.com");
        using var browser = await server.BrowserAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/access/audit?q=x");
        request.Headers.Add("X-Forwarded-Host", "evil.example");
        request.Headers.Add("X-Forwarded-Proto", "http");
        request.Headers.Add("X-Forwarded-Prefix", "/evil");
        using var answer = await browser.SendAsync(request, Cancellation);
        var page = await answer.Content.ReadAsStringAsync(Cancellation);

        page.ShouldContain("https://control.example.com/access/audit?q=x");
        page.ShouldNotContain("evil");
    }

    [Theory]
    [InlineData("https://control.example.com", 200)]
    [InlineData("https://evil.example", 403)]
    public async Task A_page_of_the_public_address_may_sign_in_though_the_proxy_asks_under_another_name(string origin, int status)
    {
        await using var server = await StartAsync("127.0.0.1", "--public-url", "https://control.example.com");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/auth/login")
        {
            Content = System.Net.Http.Json.JsonContent.Create(new { name = server.First!.Name, password = server.First.Password }),
        };
        request.Headers.Add("Origin", origin);

        using var answer = await server.Anonymous.SendAsync(request, Cancellation);

        ((int)answer.StatusCode).ShouldBe(status);
    }

    [Theory]
    [InlineData("PROXY TCP4 203.0.113.7 10.0.0.1 51000 8443\r\n", "203.0.113.7")]
    [InlineData("PROXY UNKNOWN\r\n", "127.0.0.1")]
    [InlineData("", "127.0.0.1")]
    public async Task A_tcp_proxy_names_the_client_before_tls(string header, string expected)
    {
        await using var server = await StartAsync("127.0.0.1");

        (await AskRawAsync(server, server.Url.Port, header, "")).ShouldNotBeNull().ShouldContain($"{expected} https");
    }

    [Fact]
    public async Task A_client_behind_a_tcp_proxy_does_not_name_itself()
    {
        await using var server = await StartAsync("127.0.0.1");

        var answer = await AskRawAsync(server, server.Url.Port, "PROXY TCP4 203.0.113.7 10.0.0.1 51000 8443\r\n", "X-Forwarded-For: 1.2.3.4\r\n");

        answer.ShouldNotBeNull().ShouldContain("203.0.113.7 https");
    }

    [Theory]
    [InlineData("PROXY TCP4 nonsense\r\n", "127.0.0.1")]
    [InlineData("PROXY TCP4 203.0.113.7 10.0.0.1 51000 8443\r\n", null)]
    public async Task A_broken_header_or_one_of_a_stranger_ends_the_connection(string header, string? trusted)
    {
        await using var server = await StartAsync(trusted);

        (await AskRawAsync(server, server.Url.Port, header, "")).ShouldBeNull();
    }

    [Fact]
    public async Task A_tcp_proxy_may_stand_before_the_docker_port_too()
    {
        await using var server = await StartAsync("127.0.0.1");
        var port = new Uri(server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Last()).Port;
        var files = System.IO.Path.Combine(server.Database.DataDirectory, "docker");
        using var pem = X509Certificate2.CreateFromPemFile(System.IO.Path.Combine(files, "cert.pem"), System.IO.Path.Combine(files, "key.pem"));
        using var certificate = X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), null);

        var answer = await AskRawAsync(server, port, "PROXY TCP4 203.0.113.7 10.0.0.1 51000 2376\r\n", "", "/v1.41/info", certificate);

        answer.ShouldNotBeNull().ShouldStartWith("HTTP/1.1 200");
    }

    private static Task<TestServer> StartAsync(string? trusted, params string[] settings) => TestServer.StartAsync(
        map: app => app.MapGet(Path, (HttpContext context) => $"{context.GetRemoteAddress()} {context.Request.Scheme} {context.Request.Host}").Open("test"),
        settings: trusted is null ? settings : ["--trusted-proxies", trusted, .. settings]);

    private static async Task<string> AskAsync(TestServer server, string forwardedFor)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Path);
        request.Headers.TryAddWithoutValidation("X-Forwarded-For", forwardedFor);
        request.Headers.Add("X-Forwarded-Proto", "http");
        request.Headers.Add("X-Forwarded-Host", "evil.example");
        request.Headers.Add("Forwarded", "for=6.6.6.6;host=evil.example;proto=http");
        using var answer = await server.Anonymous.SendAsync(request, Cancellation);
        return await answer.Content.ReadAsStringAsync(Cancellation);
    }

    /// <summary>The whole answer, or null when the connection ended without one.</summary>
    private static async Task<string?> AskRawAsync(TestServer server, int port, string before, string headers, string path = Path, X509Certificate2? certificate = null)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        limit.CancelAfter(TimeSpan.FromSeconds(15));
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", port, limit.Token);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(before), limit.Token);
        await using var tls = new SslStream(client.GetStream());
        try
        {
            await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
            {
                TargetHost = "localhost",
                ClientCertificates = certificate is null ? null : [certificate],
                CertificateChainPolicy = new X509ChainPolicy
                {
                    TrustMode = X509ChainTrustMode.CustomRootTrust,
                    RevocationMode = X509RevocationMode.NoCheck,
                    CustomTrustStore = { X509CertificateLoader.LoadCertificateFromFile(System.IO.Path.Combine(server.Database.DataDirectory, "ca.pem")) },
                },
            }, limit.Token);
            await tls.WriteAsync(Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: localhost\r\n{headers}Connection: close\r\n\r\n"), limit.Token);
            using var reader = new StreamReader(tls);
            var text = await reader.ReadToEndAsync(limit.Token);
            return text.Length == 0 ? null : text;
        }
        catch (Exception ended) when (ended is IOException or System.Security.Authentication.AuthenticationException)
        {
            return null;
        }
    }
}
