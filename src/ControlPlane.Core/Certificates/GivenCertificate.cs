using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ControlPlane.Core.Secrets;

namespace ControlPlane.Core.Certificates;

/// <summary>A certificate that an operator gave, read from PEM files and checked: what is wrong is said in one sentence that names the setting.</summary>
/// <param name="Leaf">The server's, with its private key.</param>
/// <param name="Chain">As in the file, leaf first.</param>
internal sealed record GivenCertificate(X509Certificate2 Leaf, X509Certificate2Collection Chain)
{
    private const int ShortestRsaKey = 2048;
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";

    /// <summary>What clients are given as the CA: the last certificate of the file.</summary>
    public X509Certificate2 Anchor => Chain[^1];

    /// <summary>The key that agents look for.</summary>
    public string KeyDigest => CertificateAuthority.Digest(IssuerMostSent(Chain));

    /// <exception cref="ServerStartException">It cannot be used, and why.</exception>
    public static GivenCertificate Read(string file, string keyFile)
    {
        var chain = ReadChain("Server:CertificateFile", file);
        using var key = ReadKey(keyFile);
        var spki = key.ExportSubjectPublicKeyInfo();
        if (!chain[0].PublicKey.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(spki))
        {
            throw new ServerStartException(chain.Any(one => one.PublicKey.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(spki))
                ? $"Server:CertificateFile must begin with the server's own certificate; the issuers follow: {file}"
                : $"Server:CertificateKeyFile is not the key of the first certificate in {file}: {keyFile}");
        }

        using var leaf = key switch
        {
            RSA rsa => chain[0].CopyWithPrivateKey(rsa),
            ECDsa ec => chain[0].CopyWithPrivateKey(ec),
            _ => throw new InvalidOperationException("ReadKey makes no other."),
        };
        return new GivenCertificate(WithUsableKey(leaf), chain);
    }

    /// <summary>The digest of what agents will look for when this chain is shown.</summary>
    public static string KeyDigestOf(string setting, string file) => CertificateAuthority.Digest(IssuerMostSent(ReadChain(setting, file)));

    /// <summary>TLS takes a key only from a store of this form.</summary>
    internal static X509Certificate2 WithUsableKey(X509Certificate2 leaf) =>
        X509CertificateLoader.LoadPkcs12(leaf.Export(X509ContentType.Pkcs12), password: null);

    /// <summary>What works, and yet not for everybody: sentences for the log.</summary>
    public IEnumerable<string> Concerns(IEnumerable<string> hosts)
    {
        foreach (var host in hosts.Distinct(StringComparer.OrdinalIgnoreCase).Where(host => !Leaf.MatchesHostname(host)))
        {
            yield return $"it is not made for {host}";
        }

        if (!Leaf.Extensions.OfType<X509EnhancedKeyUsageExtension>().Any(usage => usage.EnhancedKeyUsages[ServerAuthentication] is not null))
        {
            yield return "it does not say that it is for servers (extended key usage serverAuth), and agents will not accept it";
        }
    }

    private static X509Certificate2 IssuerMostSent(X509Certificate2Collection chain) =>
        // A self-signed root at the end of the file is not sent in handshakes.
        chain.Count > 1 && chain[^1].SubjectName.RawData.AsSpan().SequenceEqual(chain[^1].IssuerName.RawData) ? chain[^2] : chain[^1];

    private static X509Certificate2Collection ReadChain(string setting, string file)
    {
        var chain = new X509Certificate2Collection();
        try
        {
            chain.ImportFromPem(ReadText(setting, file));
        }
        catch (CryptographicException error)
        {
            throw new ServerStartException($"{setting} is not a PEM certificate chain: {file}", error);
        }

        for (var i = 0; i + 1 < chain.Count; i++)
        {
            if (!chain[i].IssuerName.RawData.AsSpan().SequenceEqual(chain[i + 1].SubjectName.RawData))
            {
                throw new ServerStartException(
                    $"{setting} is out of order: certificate {i + 2} ({chain[i + 1].Subject}) did not issue certificate {i + 1} ({chain[i].Subject}) in {file}");
            }
        }

        return chain.Count > 0 ? chain : throw new ServerStartException($"{setting} holds no certificate: {file}");
    }

    private static AsymmetricAlgorithm ReadKey(string file)
    {
        var text = ReadText("Server:CertificateKeyFile", file);
        if (text.Contains("ENCRYPTED", StringComparison.Ordinal))
        {
            throw new ServerStartException($"Server:CertificateKeyFile is encrypted, and nobody is there to type its password; write it without one (openssl pkey -in {file} -out …).");
        }

        if (!text.Contains("PRIVATE KEY-----", StringComparison.Ordinal))
        {
            throw new ServerStartException($"Server:CertificateKeyFile holds no PEM private key: {file}");
        }

        if (TryRead(RSA.Create, text) is { } rsa)
        {
            return rsa.KeySize >= ShortestRsaKey ? rsa : throw new ServerStartException($"Server:CertificateKeyFile has an RSA key of {rsa.KeySize} bits; {ShortestRsaKey} is the least: {file}");
        }

        return TryRead(ECDsa.Create, text)
            ?? throw new ServerStartException($"Server:CertificateKeyFile is damaged, or neither an RSA nor an EC key (P-256, P-384, P-521): {file}");
    }

    private static T? TryRead<T>(Func<T> create, string pem) where T : AsymmetricAlgorithm
    {
        var key = create();
        try
        {
            key.ImportFromPem(pem);
            return key;
        }
        catch (Exception error) when (error is CryptographicException or ArgumentException)
        {
            key.Dispose();
            return null;
        }
    }

    private static string ReadText(string setting, string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new ServerStartException($"{setting} cannot be read: {error.Message}", error);
        }
    }
}
