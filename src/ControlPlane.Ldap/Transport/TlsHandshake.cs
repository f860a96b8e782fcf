using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ControlPlane.Ldap.Transport;

/// <summary>Sets up TLS and tells why a certificate was not accepted.</summary>
internal sealed class TlsHandshake(LdapServer server, TimeProvider timeProvider)
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";

    private LdapException? _refusal;

    public async Task RunAsync(MessageStream stream, CancellationToken cancellationToken)
    {
        var tls = new SslStream(stream.Inner, leaveInnerStreamOpen: false);
        stream.Upgrade(tls);
        try
        {
            await tls.AuthenticateAsClientAsync(Options(), cancellationToken);
        }
        catch (Exception e) when (e is AuthenticationException or IOException or CryptographicException or InvalidOperationException)
        {
            throw _refusal ?? new LdapException(LdapErrorKind.TlsFailed, $"TLS with {server.Host} failed: {Reason(e)}", e);
        }
    }

    private SslClientAuthenticationOptions Options()
    {
        var policy = new X509ChainPolicy
        {
            RevocationMode = X509RevocationMode.NoCheck,

            // An address inside a stranger's certificate is nothing to be fetched.
            DisableCertificateDownloads = true,
            VerificationTime = timeProvider.GetUtcNow().UtcDateTime,
        };
        policy.ApplicationPolicy.Add(new Oid(ServerAuthentication));
        if (server.TrustedCertificates is not null)
        {
            policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            policy.CustomTrustStore.AddRange(server.TrustedCertificates);
        }

        return new SslClientAuthenticationOptions
        {
            TargetHost = server.Host,
            CertificateChainPolicy = policy,
            RemoteCertificateValidationCallback = (_, certificate, chain, errors) =>
            {
                if (server.CertificateSeen is { } seen && certificate is X509Certificate2 shown)
                {
                    seen(shown);
                }

                return server.SkipCertificateCheck || IsAccepted(chain, errors);
            },

            // Each connection is judged by its own certificate and settings.
            AllowTlsResume = false,
        };
    }

    private bool IsAccepted(X509Chain? chain, SslPolicyErrors errors)
    {
        if (errors == SslPolicyErrors.None)
        {
            return true;
        }

        var flaws = (chain?.ChainStatus ?? []).Select(status => status.Status)
            .Where(status => status is not (X509ChainStatusFlags.NoError or X509ChainStatusFlags.RevocationStatusUnknown or X509ChainStatusFlags.OfflineRevocation))
            .Distinct()
            .ToList();
        _refusal = errors switch
        {
            _ when errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable) =>
                new LdapException(LdapErrorKind.TlsFailed, $"{server.Host} has no certificate."),
            _ when errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors) && flaws is [X509ChainStatusFlags.NotTimeValid] =>
                new LdapException(LdapErrorKind.CertificateExpired, $"The certificate of {server.Host}, or one that signed it, is not valid now."),
            _ when errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors) =>
                new LdapException(LdapErrorKind.CertificateUntrusted, $"The certificate of {server.Host} is not trusted: {string.Join(", ", flaws)}."),
            _ => new LdapException(LdapErrorKind.CertificateNameMismatch, $"The certificate of {server.Host} is for another name."),
        };
        return false;
    }

    private static string Reason(Exception e) => e is IOException ? "the server ended the connection." : e.Message;
}
