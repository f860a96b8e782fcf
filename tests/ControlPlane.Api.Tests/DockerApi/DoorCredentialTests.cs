using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using ControlPlane.Core.Access;
using ControlPlane.Core.Certificates;
using ControlPlane.Core.Data;
using ControlPlane.Core.Identity;

namespace ControlPlane.Api.Tests.DockerApi;

/// <summary>Who is let in at which door, by what, and for how long.</summary>
public sealed class DoorCredentialTests(DockerWorld world) : IClassFixture<DockerWorld>
{
    private const string ClientUse = "1.3.6.1.5.5.7.3.2";
    private const string ServerUse = "1.3.6.1.5.5.7.3.1";

    private ClientAuthority Clients => world.Cluster.Get<ClientAuthority>();

    private static readonly Caller Nobody = Caller.System("test");

    [Fact]
    public async Task Without_a_certificate_there_is_no_connection() => (await IsTurnedAwayAsync(null)).ShouldBeTrue();

    [Fact]
    public async Task A_certificate_of_a_foreign_authority_is_turned_away()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(Clients.Certificate.SubjectName, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, true));
        using var impostor = request.CreateSelfSigned(DateTimeOffset.UnixEpoch.AddYears(50), DateTimeOffset.UnixEpoch.AddYears(80));
        using var shown = Issue(impostor, ClientUse, 365);

        (await IsTurnedAwayAsync(shown)).ShouldBeTrue();
    }

    [Fact]
    public async Task A_certificate_that_signs_itself_is_turned_away()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=" + world.Server.First!.Name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(ClientUse)], true));
        using var own = request.CreateSelfSigned(DateTimeOffset.UnixEpoch.AddYears(50), DateTimeOffset.UnixEpoch.AddYears(80));
        using var shown = Reloaded(own);

        (await IsTurnedAwayAsync(shown)).ShouldBeTrue();
    }

    [Fact]
    public async Task The_servers_own_authority_does_not_sign_for_clients()
    {
        var server = world.Cluster.Get<CertificateAuthority>();
        using var byRoot = Issue(server.Certificate, ClientUse, 30);
        using var byIssuing = Issue(server.Issuing, ClientUse, 30);

        (await IsTurnedAwayAsync(byRoot)).ShouldBeTrue();
        (await IsTurnedAwayAsync(byIssuing)).ShouldBeTrue();
    }

    [Fact]
    public async Task A_certificate_for_servers_is_not_one_for_clients()
    {
        using var shown = Issue(Clients.Certificate, ServerUse, 30);

        (await IsTurnedAwayAsync(shown)).ShouldBeTrue();
    }

    [Fact]
    public async Task An_expired_certificate_is_turned_away()
    {
        using var shown = Issue(Clients.Certificate, ClientUse, -1);
        await ListAsync(shown, "expired");

        (await IsTurnedAwayAsync(shown)).ShouldBeTrue();
    }

    [Fact]
    public async Task A_certificate_that_the_server_does_not_list_is_nobodys()
    {
        using var shown = Issue(Clients.Certificate, ClientUse, 30);

        (await StatusAsync(shown)).ShouldBe(401);
        (await world.AskAsync(world.Request("GET", "/_ping")))!.Status.ShouldBe(200);
    }

    [Fact]
    public async Task A_revoked_certificate_counts_no_more_also_on_a_connection_that_is_open()
    {
        await world.PersonAsync("view-only", AccessClusterOwn);
        var user = await world.UserAsync("view-only-own");
        var (id, certificate) = await world.BundleAsync(user.Name);
        using var shown = certificate;
        await using var connection = await world.CertificateDoorAsync(shown);
        await connection.SendAsync(world.Request("GET", "/v1.41/info"));
        (await connection.ReadAsync())!.Status.ShouldBe(200);

        (await world.Cluster.Get<ClientBundles>().RevokeOfAsync(Nobody, user.Id, id, default)).IsSuccess.ShouldBeTrue();

        await connection.SendAsync(world.Request("GET", "/v1.41/info"));
        var answer = await connection.ReadAsync();
        answer!.Status.ShouldBe(401);
        answer.Message.ShouldContain("certificate");
        (await StatusAsync(shown)).ShouldBe(401);
    }

    [Fact]
    public async Task A_disabled_users_certificate_and_token_count_no_more()
    {
        var (certificate, token) = await world.PersonAsync("operator", AccessClusterOwn);
        (await StatusAsync(certificate)).ShouldBe(200);
        (await TokenStatusAsync($"Authorization: Bearer {token}")).ShouldBe(200);
        var user = await world.UserAsync("operator-own");

        await world.DisableAsync(user.Id);

        (await StatusAsync(certificate)).ShouldBe(401);
        (await TokenStatusAsync($"Authorization: Bearer {token}")).ShouldBe(401);
    }

    [Fact]
    public async Task A_token_on_the_certificate_port_makes_nobody_else_of_its_bearer()
    {
        var (viewer, _) = await world.PersonAsync("view-only", AccessClusterOwn);
        await using var connection = await world.CertificateDoorAsync(viewer);

        await connection.SendAsync(world.Request("POST", "/v1.41/containers/create", body: "{\"Image\":\"own-image:1\"}", headers: $"Authorization: Bearer {world.AdministratorToken}"));

        (await connection.ReadAsync())!.ShouldBeRefused(403);
        (await IsTurnedAwayAsync(null, $"Authorization: Bearer {world.AdministratorToken}")).ShouldBeTrue();
    }

    [Fact]
    public async Task A_browsers_session_is_nothing_to_the_endpoint()
    {
        using var browser = await world.Server.BrowserAsync();
        (await browser.GetAsync("/api/v1/containers")).StatusCode.ShouldBe(System.Net.HttpStatusCode.OK);

        using var answer = await browser.GetAsync("/v1.41/info");

        answer.StatusCode.ShouldBe(System.Net.HttpStatusCode.Unauthorized);
        (await answer.JsonAsync()).GetProperty("message").GetString()!.ShouldContain("client certificate");
        answer.Headers.Contains("Set-Cookie").ShouldBeFalse();
    }

    [Fact]
    public async Task A_browser_that_shows_a_certificate_for_a_page_is_refused()
    {
        (await world.AskAsync(world.Request("GET", "/v1.41/info", headers: ["Origin: https://evil.example"])))!.ShouldBeRefused(403);
        (await world.AskAsync(world.Request("POST", "/v1.41/containers/web/stop", headers: ["Origin: null"])))!.ShouldBeRefused(403);
    }

    [Fact]
    public async Task Only_a_bearer_token_in_its_own_header_counts_on_the_shared_port()
    {
        var token = world.AdministratorToken;
        var basic = Convert.ToBase64String(Encoding.ASCII.GetBytes($"{world.Server.First!.Name}:{world.Server.First.Password}"));

        (await TokenStatusAsync($"Authorization: Bearer {token}")).ShouldBe(200);
        (await TokenStatusAsync()).ShouldBe(401);
        (await TokenStatusAsync($"X-API-Key: {token}")).ShouldBe(401);
        (await TokenStatusAsync($"Authorization: {token}")).ShouldBe(401);
        (await TokenStatusAsync($"Authorization: Basic {basic}")).ShouldBe(401);
        (await TokenStatusAsync($"Authorization: Basic {Convert.ToBase64String(Encoding.ASCII.GetBytes("token:" + token))}")).ShouldBe(401);
        (await TokenStatusAsync($"X-Registry-Auth: {token}")).ShouldBe(401);
        (await TokenStatusAsync($"Cookie: token={token}; Authorization=Bearer {token}")).ShouldBe(401);
        (await TokenStatusAsync("Authorization: Bearer ")).ShouldBe(401);
        (await TokenStatusAsync($"Authorization: Bearer {token}x")).ShouldBe(401);
        (await TokenStatusAsync($"Authorization: Bearer {token[..^1]}")).ShouldBe(401);
        (await TokenStatusAsync($"Authorization: Bearer {token}", $"Authorization: Bearer {token}")).ShouldBe(401);
        (await world.AskAsync($"GET /v1.41/info?token={token}&access_token={token} HTTP/1.1\r\nHost: localhost\r\n\r\n", byToken: true))!.Status.ShouldBe(401);
    }

    [Fact]
    public async Task Ping_is_open_and_version_is_not()
    {
        (await world.AskAsync("GET /_ping HTTP/1.1\r\nHost: localhost\r\n\r\n", byToken: true))!.Body.ShouldBe("OK");
        (await world.AskAsync("GET /version HTTP/1.1\r\nHost: localhost\r\n\r\n", byToken: true))!.ShouldBeRefused(401);
    }

    [Fact]
    public async Task A_request_without_TLS_gets_no_answer()
    {
        foreach (var port in (int[])[world.DockerPort, world.Server.Url.Port])
        {
            using var tcp = new System.Net.Sockets.TcpClient();
            await tcp.ConnectAsync("127.0.0.1", port);
            await tcp.GetStream().WriteAsync(Encoding.ASCII.GetBytes("GET /_ping HTTP/1.1\r\nHost: localhost\r\n\r\n"));
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(15));
            var buffer = new byte[1024];
            var read = 0;
            try
            {
                read = await tcp.GetStream().ReadAsync(buffer, limit.Token);
            }
            catch (IOException)
            {
                // Reset: no answer either.
            }

            Encoding.ASCII.GetString(buffer, 0, read).ShouldNotContain("OK");
        }
    }

    private const string AccessClusterOwn = Access.AccessCluster.Own;

    private async Task<int> StatusAsync(X509Certificate2 certificate)
    {
        await using var connection = await world.CertificateDoorAsync(certificate);
        await connection.SendAsync(world.Request("GET", "/v1.41/info"));
        return (await connection.ReadAsync())!.Status;
    }

    private async Task<int> TokenStatusAsync(params string[] headers) =>
        (await world.AskAsync(world.Request("GET", "/v1.41/info", headers: headers), byToken: true))!.Status;

    /// <summary>True when there is no answer at all: under TLS 1.3 the client learns of it only when it reads.</summary>
    private async Task<bool> IsTurnedAwayAsync(X509Certificate2? shown, params string[] headers)
    {
        try
        {
            await using var connection = await RawConnection.OpenAsync(world.DockerPort, world.Authority, shown);
            await connection.SendAsync(world.Request("GET", "/_ping", headers: headers));
            return await connection.ReadAsync() is null;
        }
        catch (Exception error) when (error is IOException or AuthenticationException)
        {
            return true;
        }
    }

    /// <summary>Puts a certificate into the server's own list.</summary>
    private async Task ListAsync(X509Certificate2 certificate, string name)
    {
        var user = await world.UserAsync(world.Server.First!.Name);
        await using var db = world.Server.Database.CreateDbContext();
        db.ClientCertificates.Add(new ClientCertificateEntity
        {
            Id = CredentialSecret.NewId(), UserId = user.Id, Name = name, Thumbprint = ClientCertificates.Thumbprint(certificate), SerialNumber = certificate.SerialNumber,
            CreatedAt = DateTime.UnixEpoch, ExpiresAt = DateTime.UnixEpoch.AddYears(100),
        });
        await db.SaveChangesAsync();
    }

    private static X509Certificate2 Issue(X509Certificate2 authority, string use, int days)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=admin", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(use)], true));
        var now = TimeProvider.System.GetUtcNow();
        var from = authority.NotBefore.ToUniversalTime() > now.UtcDateTime.AddDays(-3) ? new DateTimeOffset(authority.NotBefore.ToUniversalTime(), TimeSpan.Zero) : now.AddDays(-3);
        // An expired one ran out a minute after its authority began.
        using var bare = request.Create(authority, from, days < 0 ? from.AddMinutes(1) : now.AddDays(days), RandomNumberGenerator.GetBytes(8));
        using var whole = bare.CopyWithPrivateKey(key);
        return Reloaded(whole);
    }

    private static X509Certificate2 Reloaded(X509Certificate2 certificate) => X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null);
}
