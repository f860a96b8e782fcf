using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

namespace ControlPlane.Core.OpenId.Providers;

/// <summary>Requests to one provider: a client of its own, so that one that hangs takes nothing from anybody else.</summary>
internal static class ProviderHttp
{
    public const int MaximumAnswer = 1024 * 1024;
    private static readonly TimeSpan Connect = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan KeepConnections = TimeSpan.FromMinutes(5);

    public static HttpClient Create(OutgoingRules rules)
    {
        var handler = new SocketsHttpHandler
        {
            // A redirect would lead past the rules, and none of these endpoints needs one.
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            AutomaticDecompression = DecompressionMethods.None,
            ConnectTimeout = Connect,
            PooledConnectionLifetime = KeepConnections,
            MaxResponseHeadersLength = 32,
            ConnectCallback = (context, cancellationToken) => ConnectAsync(context.DnsEndPoint, rules, cancellationToken),
        };
        if (rules.TrustedCa is { } pem)
        {
            var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            policy.CustomTrustStore.ImportFromPem(pem);
            handler.SslOptions.CertificateChainPolicy = policy;
        }

        return new HttpClient(new SchemeGuard(rules) { InnerHandler = handler })
        {
            Timeout = ProviderDeadlines.Request,
            MaxResponseContentBufferSize = MaximumAnswer,
        };
    }

    private static async ValueTask<Stream> ConnectAsync(DnsEndPoint target, OutgoingRules rules, CancellationToken cancellationToken)
    {
        var found = await Dns.GetHostAddressesAsync(target.Host, cancellationToken);
        var allowed = found.Where(rules.Allows).ToArray();
        if (allowed.Length == 0)
        {
            throw new ProviderException("address_refused", $"{target.Host} is this machine or a local address, which is not allowed for a provider (allowInsecure allows this machine).");
        }

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(allowed, target.Port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Also for addresses that a discovery document names.</summary>
    private sealed class SchemeGuard(OutgoingRules rules) : DelegatingHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            rules.Problem(request.RequestUri?.AbsoluteUri) is { } problem
                ? throw new ProviderException("insecure_address", $"The address {problem}.")
                : base.SendAsync(request, cancellationToken);
    }
}
