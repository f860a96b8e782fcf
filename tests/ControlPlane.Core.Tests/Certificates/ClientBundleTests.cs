using System.Diagnostics;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ControlPlane.Contracts.Rest.Users;
using ControlPlane.Core.Access;
using ControlPlane.Core.Certificates;
using ControlPlane.Core.Results;
using ControlPlane.Core.Tests.Identity;
using ControlPlane.TestKit.Databases;
using Microsoft.EntityFrameworkCore;

namespace ControlPlane.Core.Tests.Certificates;

public sealed class ClientBundleTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Theory, DatabaseData]
    public async Task A_bundles_certificate_is_its_user_until_it_is_revoked(DatabaseKind kind)
    {
        using var world = await WorldAsync(kind);
        var admin = await world.AdministratorAsync();
        await world.AddAsync(admin, "anna");
        var session = await world.SignedInAsync("anna");
        var bundles = world.Get<ClientBundles>();
        var bundle = (await bundles.CreateOwnAsync(session, "laptop", null, null, None)).Value;
        using var certificate = CertificateOf(bundle);
        var finder = world.Get<ClientCertificates>();

        var caller = (await finder.FindAsync(certificate, None))!;

        (caller.Kind, caller.Name, caller.Id, caller.CredentialId).ShouldBe((CallerKind.Certificate, "anna", session.Id, bundle.Id));
        certificate.Subject.ShouldBe("CN=anna");
        certificate.NotAfter.ToUniversalTime().ShouldBe(world.Clock.GetUtcNow().UtcDateTime.AddDays(365));
        certificate.Extensions.OfType<X509EnhancedKeyUsageExtension>().Single().EnhancedKeyUsages[0].Value.ShouldBe("1.3.6.1.5.5.7.3.2");
        await world.Writer.FlushAsync(None);
        (await bundles.ListOwnAsync(session, None)).Value.Single().LastUsedAt.ShouldNotBeNull();
        using var lease = world.Lifetimes.Open(caller);
        (await bundles.RevokeOwnAsync(session, bundle.Id, None)).IsSuccess.ShouldBeTrue();
        (await finder.FindAsync(certificate, None)).ShouldBeNull();
        lease.Ended.IsCancellationRequested.ShouldBeTrue();
        (await bundles.RevokeOwnAsync(session, bundle.Id, None)).Error.ShouldBeOfType<NotFoundError>();
    }

    [Theory, DatabaseData]
    public async Task A_certificate_dies_with_its_account_and_on_its_day(DatabaseKind kind)
    {
        using var world = await WorldAsync(kind);
        var admin = await world.AdministratorAsync();
        var robot = await world.AddAsync(admin, "robot", kind: "service");
        var bundles = world.Get<ClientBundles>();
        using var certificate = CertificateOf((await bundles.CreateForAsync(admin, robot.Id, "runner", 2, None)).Value);
        var finder = world.Get<ClientCertificates>();
        (await finder.FindAsync(certificate, None)).ShouldNotBeNull();

        await world.Users.UpdateAsync(admin, robot.Id, new UserPatch { Disabled = true }, -1, None);
        (await finder.FindAsync(certificate, None)).ShouldBeNull();
        await world.Users.UpdateAsync(admin, robot.Id, new UserPatch { Disabled = false }, -1, None);
        (await finder.FindAsync(certificate, None)).ShouldNotBeNull();
        world.Clock.Advance(TimeSpan.FromDays(2));

        (await finder.FindAsync(certificate, None)).ShouldBeNull();
    }

    [Fact]
    public async Task A_certificate_of_anybody_else_is_nobody()
    {
        using var world = await WorldAsync(DatabaseKind.Sqlite);
        var admin = await world.AdministratorAsync();
        using var ours = CertificateOf((await world.Get<ClientBundles>().CreateOwnAsync(admin, "x", null, null, None)).Value);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var now = world.Clock.GetUtcNow();
        using var selfSigned = new CertificateRequest("CN=admin", key, HashAlgorithmName.SHA256).CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        using var notKept = world.Get<ClientAuthority>().Issue(key, admin.Id, "admin", now.AddDays(1));
        var finder = world.Get<ClientCertificates>();

        (await finder.FindAsync(selfSigned, None)).ShouldBeNull();
        (await finder.FindAsync(notKept, None)).ShouldBeNull();
        (await finder.FindAsync(world.Get<ClientAuthority>().Certificate, None)).ShouldBeNull();
        (await finder.FindAsync(ours, None)).ShouldNotBeNull();
        world.Get<CertificateAuthority>().Certificate.SubjectName.RawData.ShouldNotBe(world.Get<ClientAuthority>().Certificate.SubjectName.RawData);
    }

    [Fact]
    public async Task Somebody_elses_bundle_does_not_exist_for_me_and_bad_wishes_are_refused()
    {
        using var world = await WorldAsync(DatabaseKind.Sqlite);
        var admin = await world.AdministratorAsync();
        var anna = await world.AddAsync(admin, "anna");
        await world.AddAsync(admin, "bert");
        var bundles = world.Get<ClientBundles>();
        var session = await world.SignedInAsync("anna");
        var bundle = (await bundles.CreateOwnAsync(session, "laptop", null, null, None)).Value;

        (await bundles.RevokeOwnAsync(await world.SignedInAsync("bert"), bundle.Id, None)).Error.ShouldBeOfType<NotFoundError>();
        (await bundles.CreateOwnAsync(session, "", 366, null, None)).Error.ShouldBeOfType<InvalidError>().Fields.Count.ShouldBe(2);
        (await bundles.CreateForAsync(admin, anna.Id, "x", null, None)).Error.ShouldBeOfType<ConflictError>();
        world.Clock.Advance(TimeSpan.FromMinutes(16));
        (await bundles.CreateOwnAsync(session, "laptop", null, null, None)).Error.ShouldBeOfType<ForbiddenError>().Code.ShouldBe("auth.fresh_required");
    }

    [Fact]
    public async Task The_private_key_is_kept_nowhere_and_is_not_told()
    {
        using var world = await WorldAsync(DatabaseKind.Sqlite);
        var bundle = (await world.Get<ClientBundles>().CreateOwnAsync(await world.AdministratorAsync(), "laptop", null, null, None)).Value;
        var key = Files(bundle)["key.pem"];
        var line = key.Split('\n')[1];

        bundle.ToString().ShouldNotContain(line);
        world.AuditText().ShouldNotContain(line);
        await using var db = world.Database.CreateDbContext();
        var row = await db.ClientCertificates.SingleAsync();
        $"{row.Name}{row.Thumbprint}{row.SerialNumber}".ShouldNotContain(line);
    }

    [Fact]
    public async Task The_docker_command_imports_the_bundle_and_openssl_verifies_it()
    {
        if (!HasTool("docker") || !HasTool("openssl"))
        {
            Assert.Skip("The docker command and openssl are not on this machine.");
        }

        using var world = await WorldAsync(DatabaseKind.Sqlite);
        var bundle = (await world.Get<ClientBundles>().CreateOwnAsync(await world.AdministratorAsync(), "laptop", null, null, None)).Value;
        var directory = Path.Combine(world.Database.DataDirectory, "bundle");
        await using (var zip = new ZipArchive(new MemoryStream(bundle.Zip)))
        {
            await zip.ExtractToDirectoryAsync(directory);
        }

        Directory.GetFiles(directory).Select(Path.GetFileName).Order(StringComparer.Ordinal)
            .ShouldBe(["ca.pem", "cert.pem", "controlplane.dockercontext", "env.ps1", "env.sh", "key.pem"]);
        File.GetUnixFileMode(Path.Combine(directory, "key.pem")).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        await File.WriteAllTextAsync(Path.Combine(directory, "client-ca.pem"), world.Get<ClientAuthority>().Certificate.ExportCertificatePem());
        (await RunAsync("openssl", $"verify -attime {world.Clock.GetUtcNow().ToUnixTimeSeconds()} -purpose sslclient -CAfile client-ca.pem cert.pem", directory)).ShouldContain("cert.pem: OK");
        var config = Path.Combine(directory, "docker-config");
        await RunAsync("docker", $"--config {config} context import cluster controlplane.dockercontext", directory);
        (await RunAsync("docker", $"--config {config} context inspect cluster --format {{{{.Endpoints.docker.Host}}}}", directory)).Trim().ShouldBe("tcp://control.example.com:2376");
        Directory.GetFiles(Path.Combine(config, "contexts", "tls"), "*.pem", SearchOption.AllDirectories).Select(Path.GetFileName).Order(StringComparer.Ordinal)
            .ShouldBe(["ca.pem", "cert.pem", "key.pem"]);
        (await RunAsync("bash", "-c \". ./env.sh && echo $DOCKER_HOST $DOCKER_TLS_VERIFY $DOCKER_CERT_PATH\"", directory)).Trim().ShouldBe($"tcp://control.example.com:2376 1 {directory}");
    }

    private static async Task<IdentityWorld> WorldAsync(DatabaseKind kind)
    {
        var world = await IdentityWorld.CreateAsync(kind);
        await world.Get<CertificateAuthority>().LoadAsync(None);
        return world;
    }

    private static Dictionary<string, string> Files(ClientBundle bundle)
    {
        using var zip = new ZipArchive(new MemoryStream(bundle.Zip));
        return zip.Entries.ToDictionary(entry => entry.FullName, entry =>
        {
            using var reader = new StreamReader(entry.Open());
            return reader.ReadToEnd();
        });
    }

    private static X509Certificate2 CertificateOf(ClientBundle bundle) => X509Certificate2.CreateFromPem(Files(bundle)["cert.pem"]);

    private static bool HasTool(string name) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(directory => File.Exists(Path.Combine(directory, name)));

    private static async Task<string> RunAsync(string tool, string arguments, string directory)
    {
        using var process = Process.Start(new ProcessStartInfo(tool, arguments) { WorkingDirectory = directory, UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true })!;
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var output = process.StandardOutput.ReadToEndAsync(deadline.Token);
        var errors = process.StandardError.ReadToEndAsync(deadline.Token);
        await process.WaitForExitAsync(deadline.Token);
        process.ExitCode.ShouldBe(0, $"{tool} {arguments}: {await errors}");
        return await output;
    }
}
