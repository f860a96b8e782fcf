using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using ControlPlane.Core.Certificates;

namespace ControlPlane.Api.Hosting;

/// <summary>
/// <c>health</c>: asks the server on this machine whether it is ready, for a container's healthcheck. Puts nothing together, so that it is
/// over in a fraction of a second.
/// </summary>
internal static class HealthCommand
{
    private const int Healthy = 0;
    private const int Unhealthy = 1;
    private const int Usage = 2;
    private const int LargestAnswer = 4096;

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(5);

    public static async Task<int> RunAsync(string[] args, TextWriter output, TextWriter errors, CancellationToken cancellationToken)
    {
        var settings = ServerConfiguration.Read(args);
        var directory = settings["Server:DataDirectory"];
        if (string.IsNullOrWhiteSpace(directory)
            || !int.TryParse(settings["Server:Port"] ?? "8443", NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port is < 1 or > 65535)
        {
            await errors.WriteLineAsync("health needs the server's directory and port: --data DIR [--port 8443].");
            return Usage;
        }

        var problem = await ProblemAsync(directory, port, settings["Server:ListenAddress"], settings["Server:CertificateFile"], cancellationToken);
        if (problem is null)
        {
            await output.WriteLineAsync("The server is ready.");
            return Healthy;
        }

        await errors.WriteLineAsync(problem);
        return Unhealthy;
    }

    private static async Task<string?> ProblemAsync(string directory, int port, string? address, string? certificateFile, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(Deadline);
        try
        {
            var anchors = await AnchorsAsync(directory, certificateFile, deadline.Token);
            using var client = new HttpClient(Handler(address, anchors, isGiven: !string.IsNullOrEmpty(certificateFile))) { MaxResponseContentBufferSize = LargestAnswer };
            using var answer = await client.GetAsync(new Uri($"https://localhost:{port}/healthz/ready"), deadline.Token);
            return answer.IsSuccessStatusCode ? null : $"The server is not ready: {await StatusAsync(answer, deadline.Token)}.";
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return string.Create(CultureInfo.InvariantCulture, $"The server on port {port} does not answer within {Deadline.TotalSeconds:F0} s.");
        }
        catch (HttpRequestException error)
        {
            return $"The server on port {port} cannot be asked: {(error.InnerException ?? error).Message}";
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return $"The server's CA certificate cannot be read, the server has not started yet: {error.Message}";
        }
    }

    private static async Task<X509Certificate2Collection> AnchorsAsync(string directory, string? certificateFile, CancellationToken cancellationToken)
    {
        var anchors = new X509Certificate2Collection();
        anchors.ImportFromPem(await File.ReadAllTextAsync(Path.Combine(directory, "ca.pem"), cancellationToken));
        if (!string.IsNullOrEmpty(certificateFile))
        {
            anchors.ImportFromPem(await File.ReadAllTextAsync(certificateFile, cancellationToken));
        }

        return anchors;
    }

    private static SocketsHttpHandler Handler(string? address, X509Certificate2Collection anchors, bool isGiven) => new()
    {
        UseProxy = false,
        UseCookies = false,
        AllowAutoRedirect = false,
        // Where it listens; the name to check stays localhost, which the own certificate has.
        ConnectCallback = async (context, cancellationToken) =>
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                EndPoint target = IPAddress.TryParse(address, out var listen) && !listen.Equals(IPAddress.Any) && !listen.Equals(IPAddress.IPv6Any)
                    ? new IPEndPoint(listen, context.DnsEndPoint.Port)
                    : new IPEndPoint(IPAddress.Loopback, context.DnsEndPoint.Port);
                await socket.ConnectAsync(target, cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        },
        SslOptions =
        {
            RemoteCertificateValidationCallback = (_, certificate, chain, errors) => Trusts(certificate as X509Certificate2, chain, errors, anchors, isGiven),
        },
    };

    /// <summary>Ours, by one of the certificates that the server has on disk. A given certificate is not made for localhost.</summary>
    private static bool Trusts(X509Certificate2? leaf, X509Chain? shown, SslPolicyErrors errors, X509Certificate2Collection anchors, bool isGiven)
    {
        if (leaf is null || shown is null || (!isGiven && errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch)))
        {
            return false;
        }

        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(anchors);
        chain.ChainPolicy.ExtraStore.AddRange(shown.ChainPolicy.ExtraStore);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        // What is on disk may end with an intermediate; the chain must hold one of those keys all the same.
        chain.ChainPolicy.VerificationFlags = X509VerificationFlags.AllowUnknownCertificateAuthority;
        var digests = anchors.Select(CertificateAuthority.Digest).ToHashSet(StringComparer.Ordinal);
        return chain.Build(leaf) && chain.ChainElements.Any(element => digests.Contains(CertificateAuthority.Digest(element.Certificate)));
    }

    private static async Task<string> StatusAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        try
        {
            using var json = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(cancellationToken));
            return json.RootElement.TryGetProperty("status", out var status) ? status.ToString() : $"HTTP {(int)answer.StatusCode}";
        }
        catch (JsonException)
        {
            return $"HTTP {(int)answer.StatusCode}";
        }
    }
}
