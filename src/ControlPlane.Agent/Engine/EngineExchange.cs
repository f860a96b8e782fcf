using System.Buffers;
using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace ControlPlane.Agent.Engine;

/// <summary>
/// One request on a connection of its own, written and read by hand: unlike with an HTTP client, an answer may come while the body is still being sent,
/// and the connection can be taken over. One may send, and another read, at the same time.
/// </summary>
internal sealed class EngineExchange : IDisposable
{
    private const int MostHead = 16 * 1024;

    private static readonly byte[] LastChunk = "0\r\n\r\n"u8.ToArray();
    private static readonly byte[] LineEnd = "\r\n"u8.ToArray();

    private readonly Socket _socket;
    private readonly TimeProvider _time;
    private ReadOnlyMemory<byte> _rest;
    private ChunkDecoder? _chunks;
    private long? _left;
    private bool _isRaw;
    private bool _isHeadRequest;
    private long _waitingSince;

    private EngineExchange(Socket socket, TimeProvider time)
    {
        _socket = socket;
        _time = time;
    }

    /// <summary>How long it has been the engine's turn to do something; null = it is not.</summary>
    public TimeSpan? Silence => Interlocked.Read(ref _waitingSince) is var since and not 0 ? _time.GetElapsedTime(since) : null;

    /// <summary>All of the body has been read.</summary>
    public bool IsComplete => _left == 0 || _chunks is { IsDone: true };

    /// <summary>Something of the body came with the head, or there is none: reading does not wait.</summary>
    public bool HasArrived => !_rest.IsEmpty || IsComplete;

    /// <exception cref="SocketException">The engine is not there.</exception>
    public static async Task<EngineExchange> OpenAsync(string path, TimeProvider time, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken);
            return new EngineExchange(socket, time);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Sends the head, and the body when it is JSON.</summary>
    /// <param name="request">The request.</param>
    /// <param name="apiVersion">As <c>1.41</c>; empty = the engine's own.</param>
    /// <param name="cancellationToken">Ends the sending.</param>
    public async Task SendAsync(EngineRequest request, string apiVersion, CancellationToken cancellationToken)
    {
        var body = request.Json is null ? [] : Encoding.UTF8.GetBytes(request.Json);
        var head = new StringBuilder()
            .Append(CultureInfo.InvariantCulture, $"{request.Method} /{(apiVersion.Length == 0 ? "" : $"v{apiVersion}/")}{request.Path} HTTP/1.1\r\n")
            .Append("Host: docker\r\nUser-Agent: controlplane-agent\r\n")
            .Append(request.TakesOver ? "Connection: Upgrade\r\nUpgrade: tcp\r\n" : "Connection: close\r\n");
        if (request.Header is { } header)
        {
            head.Append(CultureInfo.InvariantCulture, $"{header.Key}: {header.Value}\r\n");
        }

        if (request.IsStreamed)
        {
            head.Append("Content-Type: application/x-tar\r\nTransfer-Encoding: chunked\r\n");
        }
        else if (request.Json is not null)
        {
            head.Append(CultureInfo.InvariantCulture, $"Content-Type: application/json\r\nContent-Length: {body.Length}\r\n");
        }
        else if (request.Method == "POST")
        {
            head.Append("Content-Length: 0\r\n");
        }

        head.Append("\r\n");
        _isHeadRequest = request.Method == "HEAD";
        await SendAllAsync((byte[])[.. Encoding.ASCII.GetBytes(head.ToString()), .. body], cancellationToken);
        if (!request.IsStreamed)
        {
            Waiting(true);
        }
    }

    /// <summary>Sends bytes of a streamed body.</summary>
    public async ValueTask SendChunkAsync(ReadOnlySequence<byte> data, CancellationToken cancellationToken)
    {
        Waiting(true);
        await SendAllAsync(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{data.Length:x}\r\n")), cancellationToken);
        foreach (var part in data)
        {
            // Each part that the engine takes shows that it is alive.
            Waiting(true);
            await SendAllAsync(part, cancellationToken);
        }

        await SendAllAsync(LineEnd, cancellationToken);
        Waiting(false);
    }

    /// <summary>The streamed body is complete.</summary>
    public async Task EndChunksAsync(CancellationToken cancellationToken)
    {
        await SendAllAsync(LastChunk, cancellationToken);
        Waiting(true);
    }

    /// <summary>Sends bytes on a connection that was taken over.</summary>
    public async ValueTask SendRawAsync(ReadOnlySequence<byte> data, CancellationToken cancellationToken)
    {
        foreach (var part in data)
        {
            await SendAllAsync(part, cancellationToken);
        }
    }

    /// <summary>Half-close: the engine sees the end of the input and may go on sending.</summary>
    public void EndRaw() => _socket.Shutdown(SocketShutdown.Send);

    /// <summary>The head of the answer; heads that only say "go on" are skipped.</summary>
    /// <param name="takesOver">The connection was to be taken over.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="InvalidDataException">It is none.</exception>
    /// <exception cref="IOException">The engine closed before.</exception>
    public async Task<EngineHead> ReadHeadAsync(bool takesOver, CancellationToken cancellationToken)
    {
        await _socket.ReceiveAsync(Memory<byte>.Empty, SocketFlags.None, cancellationToken);
        var buffer = ArrayPool<byte>.Shared.Rent(MostHead);
        try
        {
            var length = 0;
            while (true)
            {
                int end;
                while ((end = buffer.AsSpan(0, length).IndexOf("\r\n\r\n"u8)) < 0)
                {
                    if (length >= MostHead)
                    {
                        throw new InvalidDataException("The head of the engine's answer is too large.");
                    }

                    var count = await _socket.ReceiveAsync(buffer.AsMemory(length, MostHead - length), SocketFlags.None, cancellationToken);
                    length += count > 0 ? count : throw new IOException("The engine closed before it answered.");
                }

                end += 4;
                var head = EngineHead.Read(buffer.AsSpan(0, end));
                if (head.Status is >= 200 or 101)
                {
                    _rest = buffer.AsSpan(end, length - end).ToArray();
                    return Begin(head, takesOver);
                }

                buffer.AsSpan(end, length - end).CopyTo(buffer);
                length -= end;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Waits until there are bytes to read, or the end, without a buffer.</summary>
    public async ValueTask WaitAsync(CancellationToken cancellationToken)
    {
        if (!HasArrived)
        {
            try
            {
                await _socket.ReceiveAsync(Memory<byte>.Empty, SocketFlags.None, cancellationToken);
            }
            catch (SocketException)
            {
                // Reading tells.
            }
        }
    }

    /// <summary>Bytes of the answer's body; 0 at its end.</summary>
    /// <exception cref="IOException">It broke off.</exception>
    /// <exception cref="InvalidDataException">It is malformed.</exception>
    public async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        while (!IsComplete)
        {
            var count = await ReceiveAsync(_left is { } left && left < buffer.Length ? buffer[..(int)left] : buffer, cancellationToken);
            if (count == 0)
            {
                return _left is null && _chunks is null ? 0 : throw new IOException("The engine broke off.");
            }

            _left -= count;
            count = _chunks?.Decode(buffer.Span[..count]) ?? count;
            if (count > 0)
            {
                return count;
            }
        }

        return 0;
    }

    public void Dispose() => _socket.Dispose();

    private EngineHead Begin(EngineHead head, bool takesOver)
    {
        // Old engines take over with a 200 and a raw stream of no length.
        if (takesOver && (head.Status == 101
            || (head is { Status: 200, Length: null, IsChunked: false } && head.ContentType.StartsWith("application/vnd.docker.", StringComparison.Ordinal))))
        {
            _isRaw = true;
            return head with { Status = 101 };
        }

        if (head.Status == 101)
        {
            throw new InvalidDataException("The engine changed the protocol without being asked.");
        }

        if (_isHeadRequest || head.Status is 204 or 304)
        {
            _left = 0;
        }
        else if (head.IsChunked)
        {
            _chunks = new ChunkDecoder();
        }
        else
        {
            _left = head.Length;
        }

        return head;
    }

    private async ValueTask<int> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        if (!_rest.IsEmpty)
        {
            var count = Math.Min(_rest.Length, buffer.Length);
            _rest[..count].CopyTo(buffer);
            _rest = _rest[count..];
            return count;
        }

        try
        {
            return await _socket.ReceiveAsync(buffer, SocketFlags.None, cancellationToken);
        }
        catch (SocketException e) when (_isRaw && e.SocketErrorCode == SocketError.ConnectionReset)
        {
            // It closed without having read all of the input, as an exec does that ends early.
            return 0;
        }
        catch (SocketException e)
        {
            throw new IOException("The engine broke off.", e);
        }
    }

    private async ValueTask SendAllAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        while (!data.IsEmpty)
        {
            data = data[await _socket.SendAsync(data, SocketFlags.None, cancellationToken)..];
        }
    }

    private void Waiting(bool value) => Interlocked.Exchange(ref _waitingSince, value ? _time.GetTimestamp() : 0);
}
