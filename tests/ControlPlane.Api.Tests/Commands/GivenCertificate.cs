using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ControlPlane.Core.Certificates;

namespace ControlPlane.Api.Tests.Commands;

/// <summary>A certificate with its key as an operator would give them: PEM files, leaf first.</summary>
internal static class GivenCertificate
{
    public static (string Certificate, string Key) Write(string directory, CertificateAuthority authority, string host)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={host}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], false));
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(host);
        request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();
        using var leaf = request.Create(authority.Certificate, now.AddMinutes(-1), now.AddDays(1), [1, 2, 3, 4]);
        var (certificate, keyFile) = (Path.Combine(directory, "given.pem"), Path.Combine(directory, "given.key"));
        File.WriteAllText(certificate, leaf.ExportCertificatePem() + "\n" + authority.Certificate.ExportCertificatePem() + "\n");
        File.WriteAllText(keyFile, key.ExportPkcs8PrivateKeyPem());
        return (certificate, keyFile);
    }
}
