using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ControlPlane.Core.Options;
using ControlPlane.Core.Secrets;
using Microsoft.Extensions.Options;

namespace ControlPlane.Core.Certificates;

/// <summary>The server's own CA, or what a given certificate says in its place.</summary>
public sealed class CertificateAuthority(SecretStore secrets, IOptions<ServerOptions> options, TimeProvider clock)
{
    private const int Years = 20;
    private const string SecretName = "certificates/ca";

    private X509Certificate2? _certificate;
    private X509Certificate2? _issuing;
    private volatile string? _keyDigest;
    private string? _nextDigest;

    /// <summary>Does the server use a certificate that somebody gave it?</summary>
    public bool IsGiven => !string.IsNullOrEmpty(options.Value.CertificateFile);

    /// <summary>The CA certificate that clients trust, also in the data directory.</summary>
    public string File => Path.Combine(options.Value.DataDirectory, "ca.pem");

    /// <summary>With its private key.</summary>
    public X509Certificate2 Certificate => _certificate ?? throw new InvalidOperationException("The CA is not loaded yet.");

    /// <summary>
    /// The same key under a second name, issued by the CA: what signs server certificates. TLS stacks leave the root out of
    /// what they send, but agents must find the CA's key there.
    /// </summary>
    public X509Certificate2 Issuing => _issuing ?? throw new InvalidOperationException("The CA is not loaded yet.");

    /// <summary>
    /// Lower-case hex SHA-256 of the subject public key info that join tokens carry: the CA's, or that of the issuer-most
    /// certificate in a given chain.
    /// </summary>
    public string KeyDigest => _keyDigest ?? throw new InvalidOperationException("The CA is not loaded yet.");

    /// <summary>All that agents may meet here: the key in use, the one that comes next, and the own CA's, so that there is a way back to it.</summary>
    public IReadOnlyList<string> TrustedKeys => [.. new[] { KeyDigest, _nextDigest, Digest(Certificate) }.OfType<string>().Distinct(StringComparer.Ordinal)];

    public async Task LoadAsync(CancellationToken cancellationToken)
    {
        // Also with a given certificate: there is a way back to the own one.
        var pfx = await secrets.GetOrCreateAsync(SecretName, Create, cancellationToken);
        _certificate = X509CertificateLoader.LoadPkcs12(pfx, password: null, X509KeyStorageFlags.EphemeralKeySet);
        _issuing = CreateIssuing(_certificate);
        var given = IsGiven ? ReadGiven() : null;
        _keyDigest = given?.KeyDigest ?? Digest(_certificate);
        _nextDigest = options.Value.NextCertificateFile is { Length: > 0 } next ? GivenCertificate.KeyDigestOf("Server:NextCertificateFile", next) : null;
        await WriteAsync(given?.Anchor ?? _certificate, cancellationToken);
    }

    /// <exception cref="ServerStartException">It cannot be used, and why.</exception>
    internal GivenCertificate ReadGiven() => GivenCertificate.Read(options.Value.CertificateFile!, options.Value.CertificateKeyFile!);

    /// <summary>Another chain is shown from now on. Says whether agents have to know another key for it.</summary>
    internal bool Changed(GivenCertificate given)
    {
        var before = KeyDigest;
        _keyDigest = given.KeyDigest;
        var aside = File + ".part";
        System.IO.File.WriteAllText(aside, Pem(given.Anchor));
        System.IO.File.Move(aside, File, overwrite: true);
        return before != given.KeyDigest;
    }

    public static string Digest(X509Certificate2 certificate)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        return Convert.ToHexStringLower(SHA256.HashData(certificate.PublicKey.ExportSubjectPublicKeyInfo()));
    }

    // Renamed into place: clients that start at this moment must not read half of it.
    private async Task WriteAsync(X509Certificate2 anchor, CancellationToken cancellationToken)
    {
        var aside = File + ".part";
        await System.IO.File.WriteAllTextAsync(aside, Pem(anchor), cancellationToken);
        System.IO.File.Move(aside, File, overwrite: true);
    }

    private static string Pem(X509Certificate2 certificate) => certificate.ExportCertificatePem() + "\n";

    private static X509Certificate2 CreateIssuing(X509Certificate2 authority)
    {
        using var key = authority.GetECDsaPrivateKey() ?? throw new ServerStartException("The CA in the database has no ECDSA key.");
        var request = new CertificateRequest(new X500DistinguishedName(authority.Subject + " issuing"), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(authority, true, false));
        var serial = RandomNumberGenerator.GetBytes(16);
        serial[0] &= 0x7f;
        using var bare = request.Create(authority, authority.NotBefore, authority.NotAfter, serial);
        return bare.CopyWithPrivateKey(key);
    }

    private byte[] Create()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        // The suffix tells the CAs of several installations apart in a trust store.
        var name = new X500DistinguishedName($"CN=ControlPlane CA {RandomNumberGenerator.GetHexString(8, lowercase: true)}");
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 1, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        var now = clock.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now.AddHours(-1), now.AddYears(Years));
        return certificate.Export(X509ContentType.Pkcs12);
    }
}
