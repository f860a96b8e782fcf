using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

namespace ControlPlane.Ldap.Tests.Fakes;

/// <summary>The server's end of one connection.</summary>
internal sealed class FakeConnection(Socket socket, CancellationToken end)
{
    private readonly List<byte> _received = [];
    private Stream _stream = new NetworkStream(socket, ownsSocket: true);

    public IReadOnlyList<byte> Received
    {
        get
        {
            lock (_received)
            {
                return [.. _received];
            }
        }
    }

    /// <summary>The next request; its id and operation tag.</summary>
    public async Task<FakeRequest> ReadAsync()
    {
        var message = new List<byte>();
        while (true)
        {
            if (FakeRequest.TryRead([.. message]) is { } request)
            {
                return request;
            }

            var buffer = new byte[1];
            if (await _stream.ReadAsync(buffer, end) == 0)
            {
                throw new IOException("The client closed.");
            }

            message.Add(buffer[0]);
            lock (_received)
            {
                _received.Add(buffer[0]);
            }
        }
    }

    public async Task SendAsync(params byte[][] messages) => await _stream.WriteAsync(messages.SelectMany(message => message).ToArray(), end);

    public async Task StartTlsAsync(X509Certificate2 certificate)
    {
        var tls = new SslStream(_stream);
        _stream = tls;
        await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = certificate }, end);
    }

    /// <summary>Says nothing more and reads until the client closes.</summary>
    public async Task BeSilentAsync()
    {
        var buffer = new byte[4096];
        int count;
        while ((count = await _stream.ReadAsync(buffer, end)) > 0)
        {
            lock (_received)
            {
                _received.AddRange(buffer.AsSpan(0, count));
            }
        }
    }

    /// <summary>Says nothing and reads nothing.</summary>
    public Task HangAsync() => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, end);

    public void Close() => _stream.Dispose();
}
