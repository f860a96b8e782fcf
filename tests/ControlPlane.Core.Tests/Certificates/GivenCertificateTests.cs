using System.Security.Cryptography;
using ControlPlane.Core.Certificates;
using ControlPlane.Core.Options;
using ControlPlane.Core.Secrets;
using ControlPlane.TestKit.Databases;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace ControlPlane.Core.Tests.Certificates;

public sealed class GivenCertificateTests : IDisposable
{
    private readonly CertificateFiles _files = new();
    private readonly FakeTimeProvider _clock = new(TimeProvider.System.GetUtcNow());
    private readonly Told _log = new();

    public static TheoryData<string> Keys => ["rsa", "P-256", "P-384", "P-521"];

    [Theory, MemberData(nameof(Keys))]
    public async Task Rsa_and_ec_keys_are_shown_with_their_chain(string kind)
    {
        using AsymmetricAlgorithm key = kind switch
        {
            "rsa" => RSA.Create(2048),
            "P-256" => ECDsa.Create(ECCurve.NamedCurves.nistP256),
            "P-384" => ECDsa.Create(ECCurve.NamedCurves.nistP384),
            _ => ECDsa.Create(ECCurve.NamedCurves.nistP521),
        };
        _files.Write(key);
        using var database = await TestDatabase.CreateAsync(DatabaseKind.Sqlite);
        var (authority, certificate) = await LoadAsync(database);

        var shown = certificate.Current();

        shown.TargetCertificate.HasPrivateKey.ShouldBeTrue();
        shown.TargetCertificate.MatchesHostname("control.example.com").ShouldBeTrue();
        shown.IntermediateCertificates.Select(CertificateAuthority.Digest).ShouldContain(_files.IntermediateDigest);
        authority.KeyDigest.ShouldBe(_files.IntermediateDigest, "the root at the end of the file is not sent, so agents look for the intermediate");
        (await File.ReadAllTextAsync(authority.File, TestContext.Current.CancellationToken)).Trim().ShouldBe(_files.Root);
        _log.Lines.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("RSA PRIVATE KEY")]
    [InlineData("EC PRIVATE KEY")]
    public void Keys_in_the_older_pem_forms_are_read(string label)
    {
        using AsymmetricAlgorithm key = label[0] == 'R' ? RSA.Create(2048) : ECDsa.Create(ECCurve.NamedCurves.nistP256);
        _files.Write(key);
        File.WriteAllText(_files.Key, key is RSA rsa ? rsa.ExportRSAPrivateKeyPem() : ((ECDsa)key).ExportECPrivateKeyPem());

        GivenCertificate.Read(_files.Chain, _files.Key).Leaf.HasPrivateKey.ShouldBeTrue();
    }

    [Fact]
    public void An_encrypted_key_is_refused_with_the_way_out()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        _files.Write(key);
        File.WriteAllText(_files.Key, key.ExportEncryptedPkcs8PrivateKeyPem("password", new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1000)));

        Refusal().ShouldSatisfyAllConditions(
            text => text.ShouldContain("Server:CertificateKeyFile is encrypted"),
            text => text.ShouldContain("openssl pkey -in"));
    }

    [Fact]
    public void A_key_of_another_certificate_is_refused()
    {
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        _files.Write();
        File.WriteAllText(_files.Key, other.ExportPkcs8PrivateKeyPem());

        Refusal().ShouldContain("is not the key of the first certificate");
    }

    [Fact]
    public void A_chain_that_begins_with_the_issuer_is_refused()
    {
        var leaf = _files.Write();
        File.WriteAllText(_files.Chain, _files.Intermediate + "\n" + leaf);

        Refusal().ShouldSatisfyAllConditions(text => text.ShouldContain("out of order"), text => text.ShouldContain("certificate 2"));
    }

    [Fact]
    public void A_chain_whose_parts_do_not_belong_together_is_refused()
    {
        using var strangers = new CertificateFiles();
        var leaf = _files.Write();
        File.WriteAllText(_files.Chain, leaf + "\n" + strangers.Intermediate);

        Refusal().ShouldContain("did not issue certificate 1");
    }

    [Theory]
    [InlineData("", "holds no certificate")]
    [InlineData("hello", "holds no certificate")]
    [InlineData("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "is not a PEM certificate chain")]
    public void A_file_without_a_certificate_is_refused(string text, string reason)
    {
        _files.Write();
        File.WriteAllText(_files.Chain, text);

        Refusal().ShouldContain($"Server:CertificateFile {reason}");
    }

    [Theory]
    [InlineData("", "holds no PEM private key")]
    [InlineData("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "is damaged, or neither")]
    // Ed25519, which .NET has no TLS for.
    [InlineData("-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n-----END PRIVATE KEY-----\n", "is damaged, or neither an RSA nor an EC key")]
    public void A_file_without_a_usable_key_is_refused(string text, string reason)
    {
        _files.Write();
        File.WriteAllText(_files.Key, text);

        Refusal().ShouldContain($"Server:CertificateKeyFile {reason}");
    }

    [Fact]
    public void A_short_rsa_key_is_refused()
    {
        using var key = RSA.Create(1024);
        _files.Write(key);

        Refusal().ShouldContain("RSA key of 1024 bits; 2048 is the least");
    }

    [Fact]
    public async Task Replaced_files_are_shown_to_new_connections_without_a_restart()
    {
        _files.Write();
        using var database = await TestDatabase.CreateAsync(DatabaseKind.Sqlite);
        var (authority, certificate) = await LoadAsync(database);
        var before = certificate.Current();

        _files.Write();
        certificate.Current().ShouldBeSameAs(before, "the files are not read for each connection");
        _clock.Advance(TimeSpan.FromSeconds(11));
        var after = certificate.Current();

        after.TargetCertificate.SerialNumber.ShouldNotBe(before.TargetCertificate.SerialNumber);
        authority.KeyDigest.ShouldBe(_files.IntermediateDigest);
        _log.Lines.Single().ShouldContain("was replaced");
        _clock.Advance(TimeSpan.FromSeconds(11));
        certificate.Current().ShouldBeSameAs(after);
    }

    [Fact]
    public async Task Files_that_cannot_be_used_leave_the_certificate_in_use_and_are_told_once()
    {
        _files.Write();
        using var database = await TestDatabase.CreateAsync(DatabaseKind.Sqlite);
        var (_, certificate) = await LoadAsync(database);
        var before = certificate.Current();

        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var good = await File.ReadAllTextAsync(_files.Key, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(_files.Key, other.ExportPkcs8PrivateKeyPem(), TestContext.Current.CancellationToken);
        _clock.Advance(TimeSpan.FromSeconds(11));
        certificate.Current().ShouldBeSameAs(before);
        _clock.Advance(TimeSpan.FromSeconds(11));
        certificate.Current().ShouldBeSameAs(before);
        _log.Lines.Single().ShouldContain("is not the key of the first certificate");

        File.Delete(_files.Key);
        _clock.Advance(TimeSpan.FromSeconds(11));
        certificate.Current().ShouldBeSameAs(before);

        await File.WriteAllTextAsync(_files.Key, good, TestContext.Current.CancellationToken);
        _files.Write();
        _clock.Advance(TimeSpan.FromSeconds(11));
        certificate.Current().ShouldNotBeSameAs(before);
    }

    [Fact]
    public async Task A_chain_of_another_issuer_is_told_because_agents_may_not_know_it()
    {
        _files.Write();
        using var database = await TestDatabase.CreateAsync(DatabaseKind.Sqlite);
        var (authority, certificate) = await LoadAsync(database);
        certificate.Current();
        using var others = new CertificateFiles();
        others.Write();

        File.Copy(others.Chain, _files.Chain, overwrite: true);
        File.Copy(others.Key, _files.Key, overwrite: true);
        _clock.Advance(TimeSpan.FromSeconds(11));
        certificate.Current();

        authority.KeyDigest.ShouldBe(others.IntermediateDigest);
        (await File.ReadAllTextAsync(authority.File, TestContext.Current.CancellationToken)).Trim().ShouldBe(others.Root);
        _log.Lines.ShouldContain(line => line.Contains("another key", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_will_trouble_somebody_is_warned_of()
    {
        _files.Write(host: "other.example.com", days: 5, purpose: null);
        using var database = await TestDatabase.CreateAsync(DatabaseKind.Sqlite);
        var (_, certificate) = await LoadAsync(database);

        certificate.Current();

        _log.Lines.ShouldContain(line => line.Contains("not made for control.example.com", StringComparison.Ordinal));
        _log.Lines.ShouldContain(line => line.Contains("agents will not accept it", StringComparison.Ordinal));
        _log.Lines.Count(line => line.Contains("replace the files", StringComparison.Ordinal)).ShouldBe(1);
        _clock.Advance(TimeSpan.FromHours(1));
        certificate.Current();
        _log.Lines.Count(line => line.Contains("replace the files", StringComparison.Ordinal)).ShouldBe(1);
        _clock.Advance(TimeSpan.FromHours(24));
        certificate.Current();
        _log.Lines.Count(line => line.Contains("replace the files", StringComparison.Ordinal)).ShouldBe(2);
    }

    [Fact]
    public async Task Agents_are_told_of_the_next_chain_and_of_the_own_ca()
    {
        _files.Write();
        using var next = new CertificateFiles();
        next.Write(withRoot: false);
        using var database = await TestDatabase.CreateAsync(DatabaseKind.Sqlite);
        var (given, _) = await LoadAsync(database, options => options.NextCertificateFile = next.Chain);
        var (own, _) = await LoadAsync(database, options => options.CertificateFile = options.CertificateKeyFile = null);

        given.TrustedKeys.ShouldBe([_files.IntermediateDigest, next.IntermediateDigest, own.KeyDigest]);
        own.TrustedKeys.ShouldBe([own.KeyDigest]);
    }

    [Fact]
    public async Task A_next_chain_that_cannot_be_read_is_refused_at_the_start()
    {
        _files.Write();
        await File.WriteAllTextAsync(_files.Chain, "nothing", TestContext.Current.CancellationToken);
        using var database = await TestDatabase.CreateAsync(DatabaseKind.Sqlite);

        var error = await Should.ThrowAsync<ServerStartException>(() => LoadAsync(database, options =>
        {
            options.NextCertificateFile = options.CertificateFile;
            options.CertificateFile = options.CertificateKeyFile = null;
        }));

        error.Message.ShouldContain("Server:NextCertificateFile holds no certificate");
    }

    public void Dispose() => _files.Dispose();

    private string Refusal() => Should.Throw<ServerStartException>(() => GivenCertificate.Read(_files.Chain, _files.Key)).Message;

    private async Task<(CertificateAuthority Authority, ServerCertificate Certificate)> LoadAsync(TestDatabase database, Action<ServerOptions>? change = null)
    {
        var settings = new ServerOptions
        {
            DataDirectory = database.DataDirectory, PublicUrl = "https://control.example.com", CertificateFile = _files.Chain, CertificateKeyFile = _files.Key,
        };
        change?.Invoke(settings);
        var options = Microsoft.Extensions.Options.Options.Create(settings);
        var authority = new CertificateAuthority(new SecretStore(database, new SecretBox(options), _clock), options, _clock);
        await authority.LoadAsync(CancellationToken.None);
        return (authority, new ServerCertificate(authority, options, _clock, _log));
    }

    private sealed class Told : ILogger<ServerCertificate>
    {
        public List<string> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Add(formatter(state, exception));
    }
}
