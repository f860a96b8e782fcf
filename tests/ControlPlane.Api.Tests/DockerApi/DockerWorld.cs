using System.IO.Compression;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using ControlPlane.Api.Tests.Access;
using ControlPlane.Core.Access;
using ControlPlane.Core.Certificates;
using ControlPlane.Core.Data;
using ControlPlane.Core.Options;
using Microsoft.EntityFrameworkCore;

namespace ControlPlane.Api.Tests.DockerApi;

/// <summary>One server for a class of tests, with both of the Docker endpoint's doors and somebody for each.</summary>
public sealed class DockerWorld : IAsyncLifetime
{
    private readonly Dictionary<string, (X509Certificate2 Certificate, string Token)> _people = new(StringComparer.Ordinal);
    private X509Certificate2? _authority;

    internal AccessCluster Cluster { get; private set; } = null!;

    internal TestServer Server => Cluster.Server;

    internal X509Certificate2 Authority => _authority!;

    internal int DockerPort => Cluster.Get<PublicAddress>().DockerPort;

    /// <summary>The administrator's own certificate.</summary>
    internal X509Certificate2 Administrator { get; private set; } = null!;

    internal string AdministratorToken => Server.First!.Token;

    public async ValueTask InitializeAsync()
    {
        Cluster = await AccessCluster.StartAsync();
        _authority = X509CertificateLoader.LoadCertificateFromFile(Path.Combine(Server.Database.DataDirectory, "ca.pem"));
        Administrator = (await BundleAsync(Server.First!.Name)).Certificate;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var (certificate, _) in _people.Values)
        {
            certificate.Dispose();
        }

        Administrator.Dispose();
        _authority?.Dispose();
        await Cluster.DisposeAsync();
    }

    /// <summary>A certificate and a token of somebody with this role on this collection.</summary>
    internal async Task<(X509Certificate2 Certificate, string Token)> PersonAsync(string? role, string collection)
    {
        var name = $"{role ?? "nobody"}{collection.Replace('/', '-')}";
        if (_people.TryGetValue(name, out var known))
        {
            return known;
        }

        var client = await Cluster.ClientAsync(role, collection);
        var token = client.DefaultRequestHeaders.Authorization!.Parameter!;
        return _people[name] = ((await BundleAsync(name)).Certificate, token);
    }

    /// <summary>A certificate made by the server, with its id.</summary>
    internal async Task<(string Id, X509Certificate2 Certificate)> BundleAsync(string userName)
    {
        await using var db = Server.Database.CreateDbContext();
        var user = await db.Users.SingleAsync(row => row.Name == userName);
        var caller = new Caller { Kind = CallerKind.System, Id = user.Id, Name = user.Name, IsAdministrator = user.IsAdministrator, RequestId = "test" };
        var bundle = (await Cluster.Get<ClientBundles>().CreateForFilesAsync(caller, "test", default)).Value;
        using var zip = new ZipArchive(new MemoryStream(bundle.Zip));
        using var bare = X509Certificate2.CreateFromPem(Text(zip, "cert.pem"), Text(zip, "key.pem"));
        return (bundle.Id, X509CertificateLoader.LoadPkcs12(bare.Export(X509ContentType.Pkcs12), null));
    }

    /// <summary>An account of its own, for tests that take it away.</summary>
    internal async Task<UserEntity> UserAsync(string name)
    {
        await using var db = Server.Database.CreateDbContext();
        return await db.Users.SingleAsync(row => row.Name == name);
    }

    /// <summary>A connection to the port of client certificates.</summary>
    internal Task<RawConnection> CertificateDoorAsync(X509Certificate2? certificate = null) => RawConnection.OpenAsync(DockerPort, Authority, certificate ?? Administrator);

    /// <summary>A connection to the port that the rest of the server shares.</summary>
    internal Task<RawConnection> TokenDoorAsync() => RawConnection.OpenAsync(Server.Url.Port, Authority, null);

    /// <summary>One request on a connection of its own; by certificate unless a token is given.</summary>
    internal async Task<RawAnswer?> AskAsync(string request, bool byToken = false)
    {
        await using var connection = byToken ? await TokenDoorAsync() : await CertificateDoorAsync();
        await connection.SendAsync(request);
        return await connection.ReadAsync(request.StartsWith("HEAD ", StringComparison.Ordinal));
    }

    /// <summary>The text of a request without surprises.</summary>
    internal string Request(string method, string target, bool byToken = false, string body = "", params string[] headers)
    {
        var text = new StringBuilder($"{method} {target} HTTP/1.1\r\nHost: localhost\r\n");
        if (byToken)
        {
            text.Append("Authorization: Bearer ").Append(AdministratorToken).Append("\r\n");
        }

        foreach (var header in headers)
        {
            text.Append(header).Append("\r\n");
        }

        if (body.Length > 0)
        {
            text.Append("Content-Type: application/json\r\nContent-Length: ").Append(Encoding.UTF8.GetByteCount(body)).Append("\r\n");
        }

        return text.Append("\r\n").Append(body).ToString();
    }

    internal async Task DisableAsync(string userId)
    {
        using var client = Server.Administrator();
        using var read = await client.GetAsync($"/api/v1/users/{userId}");
        using var request = new HttpRequestMessage(HttpMethod.Patch, $"/api/v1/users/{userId}")
        {
            Content = new StringContent("{\"disabled\":true}", Encoding.UTF8, "application/merge-patch+json"),
        };
        request.Headers.TryAddWithoutValidation("If-Match", read.Headers.ETag!.ToString());
        using var answer = await client.SendAsync(request);
        answer.IsSuccessStatusCode.ShouldBeTrue(await answer.Content.ReadAsStringAsync());
    }

    private static string Text(ZipArchive zip, string name)
    {
        using var reader = new StreamReader(zip.GetEntry(name)!.Open());
        return reader.ReadToEnd();
    }
}
