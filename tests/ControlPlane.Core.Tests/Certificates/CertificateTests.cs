using System.Security.Cryptography.X509Certificates;
using ControlPlane.Core.Certificates;
using ControlPlane.Core.Options;
using ControlPlane.Core.Secrets;
using ControlPlane.TestKit.Databases;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace ControlPlane.Core.Tests.Certificates;

public sealed class CertificateTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Theory, DatabaseData]
    public async Task The_ca_stays_the_same_and_its_key_is_wrapped(DatabaseKind kind)
    {
        using var database = await TestDatabase.CreateAsync(kind);
        var clock = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(56));
        var first = await LoadAsync(database, clock);
        var second = await LoadAsync(database, clock);

        second.KeyDigest.ShouldBe(first.KeyDigest);
        second.KeyDigest.ShouldMatch("^[0-9a-f]{64}$");
        await using var db = database.CreateDbContext();
        var wrapped = db.Secrets.Single().Wrapped;
        Should.Throw<Exception>(() => X509CertificateLoader.LoadPkcs12(wrapped, null));
        File.GetUnixFileMode(Path.Combine(database.DataDirectory, "server.key")).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    [Fact]
    public async Task A_lost_key_file_is_told_in_one_sentence()
    {
        using var database = await TestDatabase.CreateAsync(DatabaseKind.Sqlite);
        var clock = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(56));
        await LoadAsync(database, clock);
        File.Delete(Path.Combine(database.DataDirectory, "server.key"));

        var error = await Should.ThrowAsync<ServerStartException>(() => LoadAsync(database, clock));

        error.Message.ShouldContain("server.key is missing");
    }

    [Fact]
    public async Task The_server_certificate_is_renewed_at_half_its_life_and_verifies_against_the_ca()
    {
        using var database = await TestDatabase.CreateAsync(DatabaseKind.Sqlite);
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var authority = await LoadAsync(database, clock);
        var certificate = new ServerCertificate(authority, Options(database), clock, NullLogger<ServerCertificate>.Instance);

        var first = certificate.Current();
        clock.Advance(TimeSpan.FromDays(44));
        certificate.Current().ShouldBeSameAs(first);
        clock.Advance(TimeSpan.FromDays(2));
        certificate.Current().ShouldNotBeSameAs(first);

        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(authority.Certificate);
        chain.ChainPolicy.ExtraStore.AddRange(first.IntermediateCertificates.ToArray());
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.Build(first.TargetCertificate).ShouldBeTrue();
        first.IntermediateCertificates.Select(CertificateAuthority.Digest).ShouldContain(authority.KeyDigest);
        first.TargetCertificate.MatchesHostname("localhost").ShouldBeTrue();
        first.TargetCertificate.MatchesHostname("control.example.com").ShouldBeTrue();
    }

    private static async Task<CertificateAuthority> LoadAsync(TestDatabase database, FakeTimeProvider clock)
    {
        var box = new SecretBox(Options(database));
        var authority = new CertificateAuthority(new SecretStore(database, box, clock), Options(database), clock);
        await authority.LoadAsync(None);
        return authority;
    }

    private static Microsoft.Extensions.Options.IOptions<ServerOptions> Options(TestDatabase database) =>
        Microsoft.Extensions.Options.Options.Create(new ServerOptions { DataDirectory = database.DataDirectory, PublicUrl = "https://control.example.com" });
}
