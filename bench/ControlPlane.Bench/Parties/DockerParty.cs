using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using ControlPlane.Lab;

namespace ControlPlane.Bench.Parties;

/// <summary>A docker client without the client: the Docker endpoint with mutual TLS, or an engine's own socket.</summary>
internal sealed class DockerParty : IDisposable
{
    private const int Chunk = 32 * 1024;

    private static readonly System.Text.Json.JsonSerializerOptions AsEngine = new();

    private readonly Func<CancellationToken, Task<Stream>> _connect;
    private readonly HttpClient _http;

    private DockerParty(Func<CancellationToken, Task<Stream>> connect)
    {
        _connect = connect;
        var handler = new SocketsHttpHandler { UseProxy = false, ConnectCallback = async (_, cancellationToken) => await connect(cancellationToken) };
        _http = new HttpClient(handler) { BaseAddress = new Uri("http://docker/v1.41/"), Timeout = TimeSpan.FromMinutes(2) };
    }

    public static DockerParty Engine(string socketPath) => new(async cancellationToken =>
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(socketPath), cancellationToken);
        return new NetworkStream(socket, ownsSocket: true);
    });

    /// <summary>The administrator's bundle that a server leaves beside its admin.env.</summary>
    public static DockerParty Endpoint(LabServer server)
    {
        var host = new Uri(FromAdminEnv(server, "DOCKER_HOST"));
        var bundle = FromAdminEnv(server, "DOCKER_CERT_PATH");
        using var bare = X509Certificate2.CreateFromPemFile(Path.Combine(bundle, "cert.pem"), Path.Combine(bundle, "key.pem"));
        var certificate = X509CertificateLoader.LoadPkcs12(bare.Export(X509ContentType.Pkcs12), null);
        var authority = X509CertificateLoader.LoadCertificateFromFile(Path.Combine(bundle, "ca.pem"));
        return new DockerParty(async cancellationToken =>
        {
            var tcp = new TcpClient { NoDelay = true };
            await tcp.ConnectAsync(host.Host, host.Port, cancellationToken);
            var tls = new SslStream(tcp.GetStream());
            await tls.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = host.Host,
                    ClientCertificates = [certificate],
                    LocalCertificateSelectionCallback = (_, _, _, _, _) => certificate,
                    CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck, CustomTrustStore = { authority } },
                },
                cancellationToken);
            return tls;
        });
    }

    /// <summary>Reads an answer to its end; its length.</summary>
    public async Task<long> ReadAsync(string path, CancellationToken cancellationToken)
    {
        using var answer = await _http.GetAsync(new Uri(path, UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        _ = answer.EnsureSuccessStatusCode();
        await using var body = await answer.Content.ReadAsStreamAsync(cancellationToken);
        var buffer = ArrayPool<byte>.Shared.Rent(Chunk);
        long all = 0;
        int read;
        while ((read = await body.ReadAsync(buffer, cancellationToken)) > 0)
        {
            all += read;
        }

        ArrayPool<byte>.Shared.Return(buffer);
        return all;
    }

    /// <summary>How many a list has.</summary>
    public async Task<int> CountAsync(string path, CancellationToken cancellationToken) =>
        (await _http.GetFromJsonAsync<JsonArray>(new Uri(path, UriKind.Relative), cancellationToken))!.Count;

    /// <param name="command">Of the container.</param>
    /// <param name="node">Where; null = wherever.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task<string> CreateAsync(string[] command, string? node, CancellationToken cancellationToken) => PostAsync(
        "containers/create",
        new { Image = BusyboxImage.Name, Cmd = command, Env = node is null ? [] : new[] { $"constraint:node=={node}" }, HostConfig = new { NetworkMode = "none" } },
        cancellationToken);

    public async Task StartAsync(string id, CancellationToken cancellationToken)
    {
        using var answer = await _http.PostAsync(new Uri($"containers/{id}/start", UriKind.Relative), null, cancellationToken);
        _ = answer.EnsureSuccessStatusCode();
    }

    public async Task RemoveAsync(string id, CancellationToken cancellationToken)
    {
        using var answer = await _http.DeleteAsync(new Uri($"containers/{id}?force=1", UriKind.Relative), cancellationToken);
        _ = answer.EnsureSuccessStatusCode();
    }

    public async Task CommitAsync(string id, string name, CancellationToken cancellationToken)
    {
        using var answer = await _http.PostAsync(new Uri($"commit?container={id}&repo={name}&tag=v1&pause=0", UriKind.Relative), null, cancellationToken);
        _ = answer.EnsureSuccessStatusCode();
    }

    /// <summary>As <c>docker exec</c> does: create, start, read to the end, ask how it ended.</summary>
    public async Task ExecAsync(string id, CancellationToken cancellationToken)
    {
        var exec = await PostAsync($"containers/{id}/exec", new { Cmd = new[] { "echo", "x" }, AttachStdout = true, AttachStderr = true }, cancellationToken);
        await using (var stream = await HijackAsync($"exec/{exec}/start", "{\"Detach\":false,\"Tty\":false}", cancellationToken))
        {
            _ = await DrainAsync(stream, cancellationToken);
        }

        _ = await ReadAsync($"exec/{exec}/json", cancellationToken);
    }

    /// <summary><c>exec -i cat</c> of so many bytes; the rate in MB/s, one way.</summary>
    public async Task<double> CatAsync(string id, long bytes, CancellationToken cancellationToken)
    {
        var exec = await PostAsync($"containers/{id}/exec", new { Cmd = new[] { "cat" }, AttachStdin = true, AttachStdout = true }, cancellationToken);
        var started = Stopwatch.GetTimestamp();
        await using var stream = await HijackAsync($"exec/{exec}/start", "{\"Detach\":false,\"Tty\":false}", cancellationToken);
        var writing = WriteAsync(stream, bytes, cancellationToken);
        var back = await DrainAsync(stream, cancellationToken);
        await writing;
        return back >= bytes
            ? bytes / 1e6 / Stopwatch.GetElapsedTime(started).TotalSeconds
            : throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"{back} bytes came back of {bytes}."));
    }

    /// <summary>The rate of <c>docker save</c> in MB/s.</summary>
    public async Task<double> SaveAsync(string image, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        var bytes = await ReadAsync($"images/{image}/get", cancellationToken);
        return bytes / 1e6 / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    /// <summary>A followed log whose first bytes have come; ends when it is disposed of.</summary>
    public async Task<Stream> FollowAsync(string id, CancellationToken cancellationToken)
    {
        var stream = await _connect(cancellationToken);
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"GET /v1.41/containers/{id}/logs?follow=1&stdout=1&tail=1 HTTP/1.1\r\nHost: docker\r\n\r\n"), cancellationToken);
        await HeadAsync(stream, "200", cancellationToken);
        return stream;
    }

    public void Dispose() => _http.Dispose();

    private static async Task WriteAsync(Stream stream, long bytes, CancellationToken cancellationToken)
    {
        var chunk = new byte[Chunk];
        for (var left = bytes; left > 0; left -= chunk.Length)
        {
            await stream.WriteAsync(chunk.AsMemory(0, (int)Math.Min(left, chunk.Length)), cancellationToken);
        }

        await stream.FlushAsync(cancellationToken);
        if (stream is SslStream tls)
        {
            await tls.ShutdownAsync();
        }
        else if (stream is NetworkStream plain)
        {
            plain.Socket.Shutdown(SocketShutdown.Send);
        }
    }

    private static async Task<long> DrainAsync(Stream stream, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(2 * Chunk);
        long all = 0;
        int read;
        while ((read = await stream.ReadAsync(buffer, cancellationToken)) > 0)
        {
            all += read;
        }

        ArrayPool<byte>.Shared.Return(buffer);
        return all;
    }

    private static async Task HeadAsync(Stream stream, string status, CancellationToken cancellationToken)
    {
        // Byte by byte, because what follows is the stream's.
        var head = new StringBuilder();
        var one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal) && await stream.ReadAsync(one, cancellationToken) > 0)
        {
            head.Append((char)one[0]);
        }

        if (!head.ToString().StartsWith($"HTTP/1.1 {status} ", StringComparison.Ordinal))
        {
            throw new InvalidOperationException($"Answered with {head}");
        }
    }

    private async Task<Stream> HijackAsync(string path, string body, CancellationToken cancellationToken)
    {
        var stream = await _connect(cancellationToken);
        await stream.WriteAsync(
            Encoding.ASCII.GetBytes(string.Create(
                CultureInfo.InvariantCulture,
                $"POST /v1.41/{path} HTTP/1.1\r\nHost: docker\r\nConnection: Upgrade\r\nUpgrade: tcp\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n{body}")),
            cancellationToken);
        await HeadAsync(stream, "101", cancellationToken);
        return stream;
    }

    private async Task<string> PostAsync(string path, object body, CancellationToken cancellationToken)
    {
        using var answer = await _http.PostAsJsonAsync(new Uri(path, UriKind.Relative), body, AsEngine, cancellationToken);
        var text = await answer.Content.ReadAsStringAsync(cancellationToken);
        return answer.IsSuccessStatusCode
            ? JsonNode.Parse(text)!["Id"]!.GetValue<string>()
            : throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"{path} was answered with {(int)answer.StatusCode}: {text}"));
    }

    private static string FromAdminEnv(LabServer server, string name) => File.ReadLines(server.AdminEnv)
        .First(line => line.StartsWith($"export {name}=", StringComparison.Ordinal))[$"export {name}=".Length..].Trim('\'', '"');
}
