using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ControlPlane.Contracts.Agents;

namespace ControlPlane.Agent.Joining;

/// <summary>
/// Decides whether the other end is the server that the join token names: a certificate in its chain has a key with a known
/// digest, the leaf hangs below it, is made for servers and for this host name. The same for every connection of the agent.
/// </summary>
/// <param name="keys">Digests; <see cref="JoinToken.PublicTrust"/> stands for any chain that this host trusts.</param>
internal sealed class ServerTrust(params IReadOnlyList<string> keys)
{
    /// <summary>The one problem that another token, made by this server, solves.</summary>
    public const string UnknownKey = "The server's certificate chain does not contain the key that the join token names; the secret was not sent.";

    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";

    private volatile IReadOnlyList<string> _keys = keys;
    private volatile string? _lastProblem;
    private volatile string? _lastKey;

    /// <summary>Why the last chain was not accepted, as a sentence; null when it was.</summary>
    public string? LastProblem => _lastProblem;

    /// <summary>The digest by which the last chain was accepted.</summary>
    public string? LastKey => _lastKey;

    public IReadOnlyList<string> Keys => _keys;

    /// <summary>What counts for new connections.</summary>
    public void Replace(IReadOnlyList<string> keys) => _keys = keys;

    /// <summary>An HTTP handler that talks to this server only.</summary>
    public SocketsHttpHandler CreateHandler(TimeSpan connectDeadline) => new()
    {
        ConnectTimeout = connectDeadline,
        AllowAutoRedirect = false,
        UseCookies = false,
        PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30),
        SslOptions = { RemoteCertificateValidationCallback = Accepts },
    };

    public bool Accepts(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        _lastProblem = Judge(certificate as X509Certificate2, chain, errors);
        return _lastProblem is null;
    }

    private string? Judge(X509Certificate2? leaf, X509Chain? presented, SslPolicyErrors errors)
    {
        if (leaf is null || presented is null)
        {
            return "The server showed no certificate.";
        }

        var known = _keys;
        var isPublic = known.Contains(JoinToken.PublicTrust, StringComparer.Ordinal);
        if (isPublic && errors == SslPolicyErrors.None)
        {
            _lastKey = JoinToken.PublicTrust;
            return null;
        }

        var sent = presented.ChainElements.Select(element => element.Certificate).Concat(presented.ChainPolicy.ExtraStore).Append(leaf).ToList();
        var anchors = sent.Where(certificate => known.Contains(Digest(certificate), StringComparer.Ordinal)).ToArray();
        if (anchors.Length == 0)
        {
            return isPublic
                ? $"The server's certificate is not publicly trusted ({errors}); the secret was not sent."
                : UnknownKey;
        }

        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
        {
            return "The server's certificate is not made for the host name in the server's address; the secret was not sent.";
        }

        if (!leaf.Extensions.OfType<X509EnhancedKeyUsageExtension>().Any(usage => usage.EnhancedKeyUsages[ServerAuthentication] is not null))
        {
            return "The server's certificate is not made for server authentication; the secret was not sent.";
        }

        return JudgeChain(leaf, anchors, sent, known);
    }

    private string? JudgeChain(X509Certificate2 leaf, X509Certificate2[] anchors, List<X509Certificate2> sent, IReadOnlyList<string> known)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(anchors);
        chain.ChainPolicy.ExtraStore.AddRange(sent.ToArray());
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        // The anchor may itself be an intermediate: what counts is that the built chain, whose signatures are checked, holds the known key.
        chain.ChainPolicy.VerificationFlags = X509VerificationFlags.AllowUnknownCertificateAuthority;
        var built = chain.Build(leaf);
        if (built && chain.ChainElements.Select(element => Digest(element.Certificate)).FirstOrDefault(digest => known.Contains(digest, StringComparer.Ordinal)) is { } key)
        {
            _lastKey = key;
            return null;
        }

        return chain.ChainStatus.Any(status => status.Status.HasFlag(X509ChainStatusFlags.NotTimeValid))
            ? "The server's certificate is not valid at this host's time; check the clock of both hosts."
            : "The server's certificate does not hang below the key that the join token names; the secret was not sent.";
    }

    private static string Digest(X509Certificate2 certificate) =>
        Convert.ToHexStringLower(SHA256.HashData(certificate.PublicKey.ExportSubjectPublicKeyInfo()));
}
