using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ControlPlane.Agent.Joining;

/// <summary>
/// Decides whether the other end is the server that the join token names: a certificate in its chain has the key with the known
/// digest, the leaf hangs below it, is made for servers and for this host name. The same for every connection of the agent.
/// </summary>
internal sealed class ServerTrust(string keyDigest)
{
    /// <summary>A digest of zeros stands for "any publicly trusted chain".</summary>
    public static readonly string PublicTrust = new('0', 64);

    /// <summary>The one problem that another token, made by this server, solves.</summary>
    public const string UnknownKey = "The server's certificate chain does not contain the key that the join token names; the secret was not sent.";

    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";

    private volatile string? _lastProblem;

    /// <summary>Why the last chain was not accepted, as a sentence; null when it was.</summary>
    public string? LastProblem => _lastProblem;

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

        if (keyDigest == PublicTrust)
        {
            return errors == SslPolicyErrors.None ? null : $"The server's certificate is not publicly trusted ({errors}); the secret was not sent.";
        }

        var sent = presented.ChainElements.Select(element => element.Certificate).Concat(presented.ChainPolicy.ExtraStore).Append(leaf).ToList();
        var anchor = sent.Find(HasKnownKey);
        if (anchor is null)
        {
            return UnknownKey;
        }

        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
        {
            return "The server's certificate is not made for the host name in the server's address; the secret was not sent.";
        }

        if (!leaf.Extensions.OfType<X509EnhancedKeyUsageExtension>().Any(usage => usage.EnhancedKeyUsages[ServerAuthentication] is not null))
        {
            return "The server's certificate is not made for server authentication; the secret was not sent.";
        }

        return JudgeChain(leaf, anchor, sent);
    }

    private string? JudgeChain(X509Certificate2 leaf, X509Certificate2 anchor, List<X509Certificate2> sent)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(anchor);
        chain.ChainPolicy.ExtraStore.AddRange(sent.ToArray());
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        // The anchor may itself be an intermediate: what counts is that the built chain, whose signatures are checked, holds the known key.
        chain.ChainPolicy.VerificationFlags = X509VerificationFlags.AllowUnknownCertificateAuthority;
        var built = chain.Build(leaf);
        if (built && chain.ChainElements.Any(element => HasKnownKey(element.Certificate)))
        {
            return null;
        }

        return chain.ChainStatus.Any(status => status.Status.HasFlag(X509ChainStatusFlags.NotTimeValid))
            ? "The server's certificate is not valid at this host's time; check the clock of both hosts."
            : "The server's certificate does not hang below the key that the join token names; the secret was not sent.";
    }

    private bool HasKnownKey(X509Certificate2 certificate) =>
        string.Equals(Convert.ToHexStringLower(SHA256.HashData(certificate.PublicKey.ExportSubjectPublicKeyInfo())), keyDigest, StringComparison.Ordinal);
}
