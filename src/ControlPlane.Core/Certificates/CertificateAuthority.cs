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
    private string? _keyDigest;

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

    public async Task LoadAsync(CancellationToken cancellationToken)
    {
        // Also with a given certificate: client bundles will be signed by it.
        var pfx = await secrets.GetOrCreateAsync(SecretName, Create, cancellationToken);
        _certificate = X509CertificateLoader.LoadPkcs12(pfx, password: null, X509KeyStorageFlags.EphemeralKeySet);
        _issuing = CreateIssuing(_certificate);
        var anchor = IsGiven ? GivenChain.IssuerMost(options.Value.CertificateFile!) : _certificate;
        _keyDigest = Digest(IsGiven ? GivenChain.IssuerMostSent(options.Value.CertificateFile!) : _certificate);
        await WriteAsync(anchor.ExportCertificatePem() + "\n", cancellationToken);
    }

    public static string Digest(X509Certificate2 certificate)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        return Convert.ToHexStringLower(SHA256.HashData(certificate.PublicKey.ExportSubjectPublicKeyInfo()));
    }

    // Renamed into place: clients that start at this moment must not read half of it.
    private async Task WriteAsync(string pem, CancellationToken cancellationToken)
    {
        var aside = File + ".part";
        await System.IO.File.WriteAllTextAsync(aside, pem, cancellationToken);
        System.IO.File.Move(aside, File, overwrite: true);
    }

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

/// <summary>PEM files that an operator gave.</summary>
internal static class GivenChain
{
    public static X509Certificate2Collection Read(string file)
    {
        var chain = new X509Certificate2Collection();
        try
        {
            chain.ImportFromPemFile(file);
        }
        catch (CryptographicException error)
        {
            throw new ServerStartException($"Server:CertificateFile is not a PEM certificate chain: {file}", error);
        }

        return chain.Count > 0 ? chain : throw new ServerStartException($"Server:CertificateFile holds no certificate: {file}");
    }

    public static X509Certificate2 IssuerMost(string file) => Read(file)[^1];

    /// <summary>A self-signed root at the end of the file is not sent in handshakes.</summary>
    public static X509Certificate2 IssuerMostSent(string file)
    {
        var chain = Read(file);
        var last = chain[^1];
        return chain.Count > 1 && last.SubjectName.RawData.AsSpan().SequenceEqual(last.IssuerName.RawData) ? chain[^2] : last;
    }
}
