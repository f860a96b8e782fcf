using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ControlPlane.Core.Tests.Certificates;

/// <summary>A private PKI in a directory: a root, an intermediate below it, and what they issue.</summary>
internal sealed class CertificateFiles : IDisposable
{
    private const string ForServers = "1.3.6.1.5.5.7.3.1";

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("cpt-pki");
    private readonly X509Certificate2 _root;
    private readonly X509Certificate2 _intermediate;

    public CertificateFiles()
    {
        _root = Authority($"CN=Root {Guid.NewGuid():N}", null);
        _intermediate = Authority($"CN=Intermediate {Guid.NewGuid():N}", _root);
    }

    public string Chain => Path.Combine(_directory.FullName, "chain.pem");

    public string Key => Path.Combine(_directory.FullName, "key.pem");

    public string Root => _root.ExportCertificatePem();

    public string Intermediate => _intermediate.ExportCertificatePem();

    public string IntermediateDigest => Core.Certificates.CertificateAuthority.Digest(_intermediate);

    /// <summary>Writes chain and key; the leaf's PEM.</summary>
    public string Write(AsymmetricAlgorithm? key = null, string host = "control.example.com", int days = 90, bool withRoot = true, string? purpose = ForServers)
    {
        key ??= ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var leaf = Issue(key, host, days, purpose);
        File.WriteAllText(Chain, $"{leaf}\n{Intermediate}\n{(withRoot ? Root : "")}\n");
        File.WriteAllText(Key, key.ExportPkcs8PrivateKeyPem());
        return leaf;
    }

    public string Issue(AsymmetricAlgorithm key, string host = "control.example.com", int days = 90, string? purpose = ForServers)
    {
        var name = new X500DistinguishedName($"CN={host}");
        var request = key is RSA rsa
            ? new CertificateRequest(name, rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            : new CertificateRequest(name, (ECDsa)key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(host);
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        if (purpose is not null)
        {
            request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(purpose)], false));
        }

        var now = TimeProvider.System.GetUtcNow();
        using var certificate = request.Create(
            _intermediate.SubjectName, X509SignatureGenerator.CreateForECDsa(_intermediate.GetECDsaPrivateKey()!), now.AddDays(-1), now.AddDays(days), RandomNumberGenerator.GetBytes(8));
        return certificate.ExportCertificatePem();
    }

    public void Dispose()
    {
        _root.Dispose();
        _intermediate.Dispose();
        _directory.Delete(recursive: true);
    }

    private static X509Certificate2 Authority(string name, X509Certificate2? issuer)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        var now = TimeProvider.System.GetUtcNow();
        if (issuer is null)
        {
            return request.CreateSelfSigned(now.AddDays(-2), now.AddDays(900));
        }

        using var bare = request.Create(issuer, now.AddDays(-2), now.AddDays(800), RandomNumberGenerator.GetBytes(8));
        return bare.CopyWithPrivateKey(key);
    }
}
