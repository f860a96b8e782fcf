using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace ControlPlane.Agent.Tests.Fakes;

/// <summary>An engine's socket whose every byte the test decides.</summary>
internal sealed class RawEngine : IDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly ConcurrentBag<FakeEngineConnection> _connections = [];

    public RawEngine(Func<FakeEngineConnection, Task> serve)
    {
        _listener.Bind(new UnixDomainSocketEndPoint(Path));
        _listener.Listen();
        _ = AcceptAsync(serve);
    }

    public string Path => _directory.Sub("engine.sock");

    /// <summary>What a connection's handler threw, if any did.</summary>
    public ConcurrentQueue<Exception> Faults { get; } = new();

    /// <summary>Reads the request, then answers it with a text.</summary>
    public static RawEngine Answering(string answer) => new(async connection =>
    {
        await connection.ReadHeadAsync();
        await connection.WriteAsync(answer);
    });

    public void Dispose()
    {
        _listener.Dispose();
        foreach (var connection in _connections)
        {
            connection.Dispose();
        }

        _directory.Dispose();
    }

    private async Task AcceptAsync(Func<FakeEngineConnection, Task> serve)
    {
        try
        {
            while (true)
            {
                var connection = new FakeEngineConnection(await _listener.AcceptAsync());
                _connections.Add(connection);
                _ = ServeAsync(serve, connection);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task ServeAsync(Func<FakeEngineConnection, Task> serve, FakeEngineConnection connection)
    {
        await Task.Yield();
        try
        {
            await serve(connection);
        }
        catch (Exception e)
        {
            Faults.Enqueue(e);
        }
        finally
        {
            connection.Dispose();
        }
    }
}

internal sealed class FakeEngineConnection(Socket socket) : IDisposable
{
    private byte[] _rest = [];

    public Socket Socket => socket;

    /// <summary>The head with its empty line; what follows it stays to be read.</summary>
    public async Task<string> ReadHeadAsync()
    {
        var text = "";
        while (!text.Contains("\r\n\r\n", StringComparison.Ordinal))
        {
            text += Encoding.Latin1.GetString(await ReadAsync());
        }

        var end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4;
        _rest = Encoding.Latin1.GetBytes(text[end..]);
        return text[..end];
    }

    /// <summary>Some bytes; empty at the end.</summary>
    public async Task<byte[]> ReadAsync()
    {
        if (_rest.Length > 0)
        {
            var rest = _rest;
            _rest = [];
            return rest;
        }

        var buffer = new byte[64 * 1024];
        return buffer[..await socket.ReceiveAsync(buffer)];
    }

    /// <summary>Everything up to the end of the other side.</summary>
    public async Task<string> ReadToEndAsync()
    {
        var text = new StringBuilder();
        while (await ReadAsync() is { Length: > 0 } part)
        {
            text.Append(Encoding.Latin1.GetString(part));
        }

        return text.ToString();
    }

    /// <summary>Bytes of a chunked body, up to and without the last chunk.</summary>
    public async Task<long> CountChunkedAsync(Action<long>? progress = null)
    {
        // The last chunk is the only thing that ends a body: looked for at the very end of what came.
        long wire = 0;
        var tail = "";
        while (!tail.EndsWith("\r\n0\r\n\r\n", StringComparison.Ordinal) && tail != "0\r\n\r\n")
        {
            var part = await ReadAsync();
            part.Length.ShouldBeGreaterThan(0, "the body broke off");
            wire += part.Length;
            progress?.Invoke(wire);
            tail += Encoding.Latin1.GetString(part.AsSpan(Math.Max(0, part.Length - 16)));
            tail = tail[Math.Max(0, tail.Length - 16)..];
        }

        return wire;
    }

    public Task WriteAsync(string text) => WriteAsync(Encoding.Latin1.GetBytes(text));

    public async Task WriteAsync(ReadOnlyMemory<byte> data)
    {
        while (!data.IsEmpty)
        {
            data = data[await socket.SendAsync(data)..];
        }
    }

    public Task WriteChunkAsync(ReadOnlySpan<byte> data) =>
        WriteAsync((byte[])[.. Encoding.ASCII.GetBytes(data.Length.ToString("x", CultureInfo.InvariantCulture)), .. "\r\n"u8, .. data, .. "\r\n"u8]);

    public void Dispose() => socket.Dispose();
}
