using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace ControlPlane.Api.Tests.DockerApi;

/// <summary>TLS and then the bytes that a test wants to send: no client library tidies them up.</summary>
internal sealed class RawConnection : IAsyncDisposable
{
    private readonly TcpClient _tcp;
    private readonly SslStream _tls;
    private readonly byte[] _buffer = new byte[64 * 1024];
    private int _start;
    private int _end;
    private TimeSpan _limit = TimeSpan.FromSeconds(20);

    private RawConnection(TcpClient tcp, SslStream tls) => (_tcp, _tls) = (tcp, tls);

    public static async Task<RawConnection> OpenAsync(int port, X509Certificate2 authority, X509Certificate2? certificate)
    {
        var tcp = new TcpClient();
        await tcp.ConnectAsync("127.0.0.1", port);
        var tls = new SslStream(tcp.GetStream());
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = "localhost",
            ClientCertificates = certificate is null ? null : [certificate],
            // Shown whatever issuers the server names: that is for the server to judge.
            LocalCertificateSelectionCallback = certificate is null ? null : (_, _, _, _, _) => certificate,
            CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck, CustomTrustStore = { authority },
            },
        });
        return new RawConnection(tcp, tls);
    }

    public Task SendAsync(string text) => SendAsync(Encoding.Latin1.GetBytes(text));

    /// <summary>Sends as much as the other side takes: it may hang up in the middle, and has perhaps said why.</summary>
    public async Task TrySendAsync(string text)
    {
        try
        {
            await SendAsync(text);
        }
        catch (IOException)
        {
            // What it said is still to be read.
        }
    }

    public async Task SendAsync(ReadOnlyMemory<byte> bytes) => await _tls.WriteAsync(bytes);

    /// <summary>The next answer; null when the connection ends before one.</summary>
    public async Task<RawAnswer?> ReadAsync(bool isHead = false)
    {
        if (await LineAsync() is not { } status)
        {
            return null;
        }

        var headers = new Dictionary<string, string>(StringComparer.Ordinal);
        while (await LineAsync() is { Length: > 0 } line)
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            headers[line[..colon].ToLowerInvariant()] = line[(colon + 1)..].Trim();
        }

        var code = int.Parse(status.Split(' ')[1], CultureInfo.InvariantCulture);
        var body = isHead || code is 101 or 204 or 304 ? "" : await BodyAsync(headers);
        return new RawAnswer(code, headers, body);
    }

    /// <summary>What comes unasked within a moment; null when nothing does.</summary>
    public async Task<RawAnswer?> ReadSoonAsync()
    {
        _limit = TimeSpan.FromSeconds(1);
        try
        {
            return await ReadAsync();
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    /// <summary>True when the other side ends the connection within the limit; what it still sends is read over.</summary>
    public async Task<bool> EndsAsync(TimeSpan within)
    {
        using var limit = new CancellationTokenSource(within);
        try
        {
            while (await _tls.ReadAsync(_buffer, limit.Token) > 0)
            {
                // Not yet.
            }

            return true;
        }
        catch (IOException)
        {
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>What comes within a while, as text.</summary>
    public async Task<string> TextAsync(Func<string, bool> enough)
    {
        using var limit = new CancellationTokenSource(_limit);
        var text = new StringBuilder(Encoding.Latin1.GetString(_buffer, _start, _end - _start));
        _start = _end = 0;
        while (!enough(text.ToString()))
        {
            var read = await _tls.ReadAsync(_buffer, limit.Token);
            if (read == 0)
            {
                break;
            }

            text.Append(Encoding.Latin1.GetString(_buffer, 0, read));
        }

        return text.ToString();
    }

    public async ValueTask DisposeAsync()
    {
        await _tls.DisposeAsync();
        _tcp.Dispose();
    }

    private async Task<string> BodyAsync(Dictionary<string, string> headers)
    {
        var body = new StringBuilder();
        if (headers.GetValueOrDefault("transfer-encoding") == "chunked")
        {
            while (await LineAsync() is { } size && int.Parse(size, NumberStyles.HexNumber, CultureInfo.InvariantCulture) is > 0 and var length)
            {
                await TakeAsync(body, length);
                await LineAsync();
            }

            await LineAsync();
            return body.ToString();
        }

        await TakeAsync(body, headers.TryGetValue("content-length", out var text) ? int.Parse(text, CultureInfo.InvariantCulture) : int.MaxValue);
        return body.ToString();
    }

    private async Task TakeAsync(StringBuilder to, int length)
    {
        while (length > 0 && (_start < _end || await FillAsync()))
        {
            var part = Math.Min(length, _end - _start);
            to.Append(Encoding.UTF8.GetString(_buffer, _start, part));
            _start += part;
            length -= part;
        }
    }

    private async Task<string?> LineAsync()
    {
        var line = new StringBuilder();
        while (_start < _end || await FillAsync())
        {
            var c = (char)_buffer[_start++];
            if (c == '\n')
            {
                return line.ToString().TrimEnd('\r');
            }

            line.Append(c);
        }

        return line.Length > 0 ? line.ToString() : null;
    }

    private async Task<bool> FillAsync()
    {
        using var limit = new CancellationTokenSource(_limit);
        try
        {
            (_start, _end) = (0, await _tls.ReadAsync(_buffer, limit.Token));
            return _end > 0;
        }
        catch (Exception error) when (error is IOException or AuthenticationException)
        {
            _start = _end = 0;
            return false;
        }
    }
}
