using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using ControlPlane.Lab;

namespace ControlPlane.EndToEnd.Tests.Input;

/// <summary>A request as bytes, past every client that tidies paths up.</summary>
internal static class RawRequest
{
    public static async Task<int> StatusAsync(LabServer server, string method, string target, string body, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(10));
        using var authority = X509CertificateLoader.LoadCertificateFromFile(server.CaPath);
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.Add(authority);
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", server.Port, limit.Token);
        await using var tls = new SslStream(client.GetStream());
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "127.0.0.1", CertificateChainPolicy = policy }, limit.Token);
        var head = $"{method} {target} HTTP/1.1\r\nHost: 127.0.0.1:{server.Port.ToString(CultureInfo.InvariantCulture)}\r\nAuthorization: Bearer {server.Token}\r\n"
            + $"Content-Type: application/json\r\nContent-Length: {Encoding.UTF8.GetByteCount(body).ToString(CultureInfo.InvariantCulture)}\r\nConnection: close\r\n\r\n";
        await tls.WriteAsync(Encoding.UTF8.GetBytes(head + body), limit.Token);
        using var reader = new StreamReader(tls);
        var line = await reader.ReadLineAsync(limit.Token) ?? "";
        return int.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture);
    }
}
