using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using ControlPlane.Api.DockerApi.Takeover;
using ControlPlane.Api.Hosting;
using ControlPlane.Core.Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace ControlPlane.Api.DockerApi;

/// <summary>Marks connections to the port that is the Docker endpoint's alone.</summary>
internal sealed class DockerListener
{
    private static readonly DockerListener Mark = new();

    /// <summary>True when the request came by the Docker endpoint's own port, where the client has shown a certificate.</summary>
    public static bool Took(HttpContext context) => context.Features.Get<DockerListener>() is not null;

    /// <summary>Mutual TLS with client bundles; HTTP/1.1, because clients take connections over.</summary>
    public static void Secure(ListenOptions listen, ServerCertificate server, ClientAuthority clients, TimeSpan handshakeTimeout)
    {
        listen.Protocols = HttpProtocols.Http1;
        listen.UseHttps(new TlsHandshakeCallbackOptions
        {
            HandshakeTimeout = handshakeTimeout,
            OnConnection = _ => ValueTask.FromResult(new SslServerAuthenticationOptions
            {
                ServerCertificateContext = server.Current(),
                EnabledSslProtocols = Listener.TlsVersions,
                ClientCertificateRequired = true,
                CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
                // Whether it counts (revoked, its user disabled) is asked with each request.
                RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is X509Certificate2 shown && clients.IsOurs(shown),
            }),
        });
        listen.Use(next => connection =>
        {
            connection.Features.Set(Mark);
            return next(connection);
        });
        UseTakeover(listen);
    }

    /// <summary>After TLS: whoever takes over gets the decrypted bytes.</summary>
    public static void UseTakeover(ListenOptions listen) => listen.Use(next => connection =>
    {
        var takeover = new ConnectionTakeover(connection.Transport);
        connection.Features.Set(takeover);
        connection.Transport = takeover;
        return next(connection);
    });
}
