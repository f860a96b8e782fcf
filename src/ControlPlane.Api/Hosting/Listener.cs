using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using ControlPlane.Api.DockerApi;
using ControlPlane.Api.Hosting.Proxies;
using ControlPlane.Core.Certificates;
using ControlPlane.Core.Options;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Options;

namespace ControlPlane.Api.Hosting;

/// <summary>HTTPS: HTTP/1.1 and 2 on one port for everything, and the Docker endpoint with mutual TLS on another.</summary>
internal static class Listener
{
    /// <summary>REST bodies; an endpoint that needs more says so.</summary>
    public const long MaxBodySize = 2 * 1024 * 1024;

    /// <summary>Said here, so that no machine's defaults let older ones in.</summary>
    public const SslProtocols TlsVersions = SslProtocols.Tls12 | SslProtocols.Tls13;

    private static readonly TimeSpan HeadersTimeout = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan HandshakeTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(10);

    public static void AddListener(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<Microsoft.AspNetCore.Connections.IMemoryPoolFactory<byte>, LargeBlocks>();
        // Inline on the worker that has read, which is a pool thread here and not the one that waits for sockets: two wake-ups fewer for each message.
        builder.WebHost.UseSockets(sockets => sockets.UnsafePreferInlineScheduling = true);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = ShutdownTimeout);
        builder.WebHost.ConfigureKestrel((_, kestrel) =>
        {
            // The first thing that is built reads the options: all problems at once, before anything is touched.
            kestrel.ApplicationServices.GetRequiredService<IStartupValidator>().Validate();
            kestrel.AddServerHeader = false;
            kestrel.Limits.RequestHeadersTimeout = HeadersTimeout;
            kestrel.Limits.MaxRequestBodySize = MaxBodySize;
            var options = kestrel.ApplicationServices.GetRequiredService<IOptions<ServerOptions>>().Value;
            var certificate = kestrel.ApplicationServices.GetRequiredService<ServerCertificate>();
            var proxies = AddressRanges.Read(options.TrustedProxies);
            var clock = kestrel.ApplicationServices.GetRequiredService<TimeProvider>();
            void Secure(ListenOptions listen)
            {
                listen.Protocols = HttpProtocols.Http1AndHttp2;
                listen.UseProxyProtocol(proxies, HandshakeTimeout, clock);
                listen.UseHttps(new TlsHandshakeCallbackOptions
                {
                    HandshakeTimeout = HandshakeTimeout,
                    OnConnection = _ => ValueTask.FromResult(new SslServerAuthenticationOptions
                    {
                        ServerCertificateContext = certificate.Current(),
                        EnabledSslProtocols = TlsVersions,
                    }),
                });
                DockerListener.UseTakeover(listen);
            }

            var clients = kestrel.ApplicationServices.GetRequiredService<ClientAuthority>();
            void SecureDocker(ListenOptions listen)
            {
                listen.UseProxyProtocol(proxies, HandshakeTimeout, clock);
                DockerListener.Secure(listen, certificate, clients, HandshakeTimeout);
            }

            if (string.IsNullOrEmpty(options.ListenAddress))
            {
                kestrel.ListenAnyIP(options.Port, Secure);
                kestrel.ListenAnyIP(options.DockerPort, SecureDocker);
            }
            else
            {
                kestrel.Listen(IPAddress.Parse(options.ListenAddress), options.Port, Secure);
                kestrel.Listen(IPAddress.Parse(options.ListenAddress), options.DockerPort, SecureDocker);
            }
        });
    }
}
