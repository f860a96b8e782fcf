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

    /// <summary>How soon after an operator has replaced the files new connections are shown them.</summary>
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan WarnBeforeEnd = TimeSpan.FromDays(14);
    private static readonly TimeSpan WarnEvery = TimeSpan.FromDays(1);

    private readonly Lock _sync = new();
    private volatile Issued? _current;
    private string _seenFiles = "";
    private DateTimeOffset _nextWarning = DateTimeOffset.MinValue;

    /// <summary>Cheap; called for each handshake.</summary>
    /// <exception cref="ServerStartException">Only at the first call: a given certificate cannot be used.</exception>
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
                _current = current = !authority.IsGiven ? Issue() : current is null ? First() : Again(current);
            }

            return current.Context;
        }
    }

    private Issued First()
    {
        _seenFiles = FilesDigest() ?? "";
        var given = authority.ReadGiven();
        Warn(given);
        return Given(given);
    }

    /// <summary>Files that cannot be used change nothing: they may be half written, and the certificate in use is better than none.</summary>
    private Issued Again(Issued current)
    {
        WarnOfEnd(current.Context.TargetCertificate);
        var kept = current with { RenewAt = clock.GetUtcNow() + LookAgain };
        var files = FilesDigest();
        if (files is null || files == _seenFiles)
        {
            return kept;
        }

        _seenFiles = files;
        try
        {
            var given = authority.ReadGiven();
            var replaced = Given(given);
            var isAnotherKey = authority.Changed(given);
            _nextWarning = DateTimeOffset.MinValue;
            LogReplaced(given.Leaf.Subject, given.Leaf.NotAfter.ToUniversalTime());
            if (isAnotherKey)
            {
                LogAnotherKey();
            }

            Warn(given);
            return replaced;
        }
        catch (Exception error) when (error is ServerStartException or CryptographicException or IOException or UnauthorizedAccessException)
        {
            LogKept(error.Message, current.Context.TargetCertificate.NotAfter.ToUniversalTime());
            return kept;
        }
    }

    private Issued Given(GivenCertificate given) => new(Context(given.Leaf, given.Chain), clock.GetUtcNow() + LookAgain);

    /// <summary>Of what the files hold: names may be links that somebody moves. Null when they cannot be read at this moment.</summary>
    private string? FilesDigest()
    {
        try
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            hash.AppendData(File.ReadAllBytes(options.Value.CertificateFile!));
            hash.AppendData(File.ReadAllBytes(options.Value.CertificateKeyFile!));
            return Convert.ToHexStringLower(hash.GetHashAndReset());
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private void Warn(GivenCertificate given)
    {
        string?[] addresses = [options.Value.PublicUrl, options.Value.DirectUrl];
        foreach (var concern in given.Concerns(addresses.Where(address => !string.IsNullOrEmpty(address)).Select(address => new Uri(address!).IdnHost.Trim('[', ']'))))
        {
            LogConcern(concern);
        }

        WarnOfEnd(given.Leaf);
    }

    private void WarnOfEnd(X509Certificate2 leaf)
    {
        var now = clock.GetUtcNow();
        if (now >= _nextWarning && leaf.NotAfter.ToUniversalTime() - now.UtcDateTime < WarnBeforeEnd)
        {
            _nextWarning = now + WarnEvery;
            LogEnding(leaf.NotAfter.ToUniversalTime());
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
        return new Issued(Context(GivenCertificate.WithUsableKey(leaf), [authority.Issuing, authority.Certificate]), now + (Lifetime / 2));
    }

    private static SslStreamCertificateContext Context(X509Certificate2 leaf, X509Certificate2Collection chain) =>
        SslStreamCertificateContext.Create(leaf, chain, offline: true);

    private X509Extension AlternativeNames()
    {
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase) { "localhost", Dns.GetHostName() };
        var addresses = new HashSet<IPAddress> { IPAddress.Loopback, IPAddress.IPv6Loopback };
        foreach (var text in new[] { options.Value.PublicUrl, options.Value.DirectUrl })
        {
            if (!Uri.TryCreate(text, UriKind.Absolute, out var url))
            {
                continue;
            }

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

    [LoggerMessage(LogLevel.Information, "The given certificate was replaced: {Subject}, valid until {ValidUntil:u}.")]
    private partial void LogReplaced(string subject, DateTime validUntil);

    [LoggerMessage(LogLevel.Warning, "The new certificate hangs below another key than the one before. Agents that have not been told of it stay away until they are started with a new join token.")]
    private partial void LogAnotherKey();

    [LoggerMessage(LogLevel.Error, "The changed certificate files are not used: {Problem} The certificate before, valid until {ValidUntil:u}, stays.")]
    private partial void LogKept(string problem, DateTime validUntil);

    [LoggerMessage(LogLevel.Warning, "About the given certificate: {Concern}.")]
    private partial void LogConcern(string concern);

    [LoggerMessage(LogLevel.Warning, "The given certificate ends at {ValidUntil:u}: replace the files.")]
    private partial void LogEnding(DateTime validUntil);

    private sealed record Issued(SslStreamCertificateContext Context, DateTimeOffset RenewAt);
}
