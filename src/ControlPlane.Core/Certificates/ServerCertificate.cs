using System.Net;
using System.Net.NetworkInformation;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ControlPlane.Core.Options;
using ControlPlane.Core.Secrets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace ControlPlane.Core.Certificates;

/// <summary>The certificate that the server shows, with the whole chain. Issued in memory by the own CA and renewed while running.</summary>
public sealed partial class ServerCertificate(
    CertificateAuthority authority, IOptions<ServerOptions> options, TimeProvider clock, ILogger<ServerCertificate> logger)
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(90);

    // Clients' clocks run slow, too.
    private static readonly TimeSpan Backdate = TimeSpan.FromHours(1);

    private readonly Lock _sync = new();
    private volatile Issued? _current;

    /// <summary>Cheap; called for each handshake.</summary>
    public SslStreamCertificateContext Current()
    {
        var current = _current;
        if (current is not null && clock.GetUtcNow() < current.RenewAt)
        {
            return current.Context;
        }

        lock (_sync)
        {
            current = _current;
            if (current is null || clock.GetUtcNow() >= current.RenewAt)
            {
                _current = current = authority.IsGiven ? Given() : Issue();
            }

            return current.Context;
        }
    }

    private Issued Given()
    {
        var file = options.Value.CertificateFile!;
        var chain = GivenChain.Read(file);
        try
        {
            using var leaf = X509Certificate2.CreateFromPemFile(file, options.Value.CertificateKeyFile);
            // Read again each hour: an operator replaces the files.
            return new Issued(Context(WithUsableKey(leaf), chain), clock.GetUtcNow().AddHours(1));
        }
        catch (CryptographicException error)
        {
            throw new ServerStartException($"Server:CertificateKeyFile is not the PEM key of the first certificate in {file}.", error);
        }
    }

    private Issued Issue()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(new X500DistinguishedName("CN=ControlPlane server"), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(authority.Issuing, true, false));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        request.CertificateExtensions.Add(AlternativeNames());
        var now = clock.GetUtcNow();
        var serial = RandomNumberGenerator.GetBytes(16);
        serial[0] &= 0x7f;
        using var bare = request.Create(authority.Issuing, now - Backdate, now + Lifetime, serial);
        using var leaf = bare.CopyWithPrivateKey(key);
        LogIssued(now + Lifetime);
        return new Issued(Context(WithUsableKey(leaf), [authority.Issuing, authority.Certificate]), now + (Lifetime / 2));
    }

    private static SslStreamCertificateContext Context(X509Certificate2 leaf, X509Certificate2Collection chain) =>
        SslStreamCertificateContext.Create(leaf, chain, offline: true);

    private static X509Certificate2 WithUsableKey(X509Certificate2 leaf) =>
        X509CertificateLoader.LoadPkcs12(leaf.Export(X509ContentType.Pkcs12), password: null);

    private X509Extension AlternativeNames()
    {
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase) { "localhost", Dns.GetHostName() };
        var addresses = new HashSet<IPAddress> { IPAddress.Loopback, IPAddress.IPv6Loopback };
        if (Uri.TryCreate(options.Value.PublicUrl, UriKind.Absolute, out var url))
        {
            if (IPAddress.TryParse(url.IdnHost.Trim('[', ']'), out var address))
            {
                addresses.Add(address);
            }
            else
            {
                names.Add(url.IdnHost);
            }
        }

        foreach (var unicast in NetworkInterface.GetAllNetworkInterfaces().SelectMany(card => card.GetIPProperties().UnicastAddresses))
        {
            // Without the zone, which means nothing elsewhere.
            addresses.Add(new IPAddress(unicast.Address.GetAddressBytes()));
        }

        var builder = new SubjectAlternativeNameBuilder();
        foreach (var name in names)
        {
            builder.AddDnsName(name);
        }

        foreach (var address in addresses)
        {
            builder.AddIpAddress(address);
        }

        return builder.Build();
    }

    [LoggerMessage(LogLevel.Information, "Issued a server certificate, valid until {ValidUntil:u}.")]
    private partial void LogIssued(DateTimeOffset validUntil);

    private sealed record Issued(SslStreamCertificateContext Context, DateTimeOffset RenewAt);
}
