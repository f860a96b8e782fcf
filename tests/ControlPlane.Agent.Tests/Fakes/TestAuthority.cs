using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ControlPlane.Agent.Tests.Fakes;

/// <summary>A CA of its own and server certificates below it.</summary>
internal sealed class TestAuthority : IDisposable
{
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    private X509Certificate2? _sent;

    public TestAuthority()
    {
        var request = new CertificateRequest("CN=test CA", _key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        Certificate = request.CreateSelfSigned(TimeProvider.System.GetUtcNow().AddDays(-1), TimeProvider.System.GetUtcNow().AddDays(30));
    }

    public X509Certificate2 Certificate { get; }

    /// <summary>The CA's key in a certificate that is not self-signed: .NET's SslStream leaves self-signed ones out of the chain it sends.</summary>
    public X509Certificate2 Sent => _sent ??= CrossSign();

    public string KeyDigest => Convert.ToHexStringLower(SHA256.HashData(Certificate.PublicKey.ExportSubjectPublicKeyInfo()));

    /// <summary>A token that names this authority, of nobody's server.</summary>
    public Contracts.Agents.JoinToken TokenOf() => Contracts.Agents.JoinToken.Create(KeyDigest);

    private X509Certificate2 CrossSign()
    {
        var request = new CertificateRequest("CN=test CA", _key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        return request.Create(
            new X500DistinguishedName("CN=test root"), X509SignatureGenerator.CreateForECDsa(_key),
            Certificate.NotBefore.ToUniversalTime(), Certificate.NotAfter.ToUniversalTime(), [7]);
    }

    public X509Certificate2 Issue(string purpose = "1.3.6.1.5.5.7.3.1", bool forLoopback = true, int validDays = 10)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=server", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(purpose)], false));
        var names = new SubjectAlternativeNameBuilder();
        if (forLoopback)
        {
            names.AddIpAddress(IPAddress.Loopback);
        }
        else
        {
            names.AddDnsName("elsewhere.example");
        }

        request.CertificateExtensions.Add(names.Build());
        var from = Certificate.NotBefore.ToUniversalTime();
        using var bare = request.Create(Certificate, from, from.AddDays(validDays), RandomNumberGenerator.GetBytes(8));
        using var withKey = bare.CopyWithPrivateKey(key);
        return X509CertificateLoader.LoadPkcs12(withKey.Export(X509ContentType.Pkcs12), null);
    }

    public void Dispose()
    {
        Certificate.Dispose();
        _key.Dispose();
    }
}
