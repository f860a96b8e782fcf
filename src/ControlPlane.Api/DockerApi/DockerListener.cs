using System.Net.Security;
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
                // Ours in place of the system's roots, which are many. Whether it counts (revoked, its user disabled) is asked with each request.
                CertificateChainPolicy = clients.Policy(),
                RemoteCertificateValidationCallback = (_, certificate, _, errors) => certificate is not null && errors == SslPolicyErrors.None,
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
