using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ControlPlane.Core.Secrets;

namespace ControlPlane.Core.Certificates;

/// <summary>The CA of client certificates: not the server's, so that neither signs for the other.</summary>
public sealed class ClientAuthority(SecretStore secrets, TimeProvider clock)
{
    private const int Years = 10;
    private const string SecretName = "certificates/client-ca";
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    private X509Certificate2? _certificate;

    /// <summary>With its private key.</summary>
    public X509Certificate2 Certificate => _certificate ?? throw new InvalidOperationException("The client CA is not loaded yet.");

    public async Task LoadAsync(CancellationToken cancellationToken) =>
        _certificate = X509CertificateLoader.LoadPkcs12(
            await secrets.GetOrCreateAsync(SecretName, Create, cancellationToken), password: null, X509KeyStorageFlags.EphemeralKeySet);

    /// <summary>A certificate for a user's new key. The key is the caller's to forget.</summary>
    internal X509Certificate2 Issue(ECDsa key, string userId, string userName, DateTimeOffset until)
    {
        var name = new X500DistinguishedNameBuilder();
        name.AddCommonName(userName);
        var request = new CertificateRequest(name.Build(), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(ClientAuthentication)], true));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(Certificate, true, false));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        var alternative = new SubjectAlternativeNameBuilder();
        alternative.AddUri(new Uri($"controlplane:user:{userId}"));
        request.CertificateExtensions.Add(alternative.Build());
        var serial = RandomNumberGenerator.GetBytes(16);
        serial[0] &= 0x7f;

        // Clients' and engines' clocks run slow, too; no certificate outlives its CA.
        var end = until < Certificate.NotAfter ? until : Certificate.NotAfter;
        return request.Create(Certificate, clock.GetUtcNow().AddHours(-1), end, serial);
    }

    /// <summary>What a client's certificate must be: issued by this CA, for clients, and good now.</summary>
    public X509ChainPolicy Policy()
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
            VerificationTimeIgnored = false,
            VerificationTime = clock.GetUtcNow().LocalDateTime,
        };
        policy.CustomTrustStore.Add(Certificate);
        policy.ApplicationPolicy.Add(new Oid(ClientAuthentication));
        return policy;
    }

    /// <summary>Does it fulfil the <see cref="Policy"/>?</summary>
    public bool IsOurs(X509Certificate2 certificate)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        using var chain = new X509Chain { ChainPolicy = Policy() };
        return chain.Build(certificate);
    }

    private byte[] Create()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var name = new X500DistinguishedName($"CN=ControlPlane client CA {RandomNumberGenerator.GetHexString(8, lowercase: true)}");
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        var now = clock.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now.AddHours(-1), now.AddYears(Years));
        return certificate.Export(X509ContentType.Pkcs12);
    }
}
