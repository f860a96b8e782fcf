using System.Buffers;
using System.Net.WebSockets;
using ControlPlane.Contracts.Tunnels;

namespace ControlPlane.Api.Agents.Tunnels;

/// <summary>
/// Frames over one WebSocket. One reader and any number of writers at a time. Nothing is read ahead: a frame is received when somebody
/// asks for it, so a slow reader holds the other side back through TCP.
/// </summary>
internal sealed class TunnelChannel(WebSocket socket) : IAsyncDisposable
{
    private readonly SemaphoreSlim _sending = new(1, 1);
    private readonly byte[] _received = new byte[TunnelLimits.MaxPayload + 1];
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>This side has said that no more bytes come.</summary>
    public bool LocalEnded { get; private set; }

    /// <summary>The other side has said so.</summary>
    public bool RemoteEnded { get; private set; }

    /// <summary>Ends when the channel is of no use any more.</summary>
    public Task Closed => _closed.Task;

    public bool IsOpen => socket.State == WebSocketState.Open && !_closed.Task.IsCompleted;

    /// <summary>Both directions have ended: the next request may begin.</summary>
    public void Renew()
    {
        LocalEnded = false;
        RemoteEnded = false;
    }

    /// <summary>Sends bytes of a body in as many frames as needed; waits while the other side does not read.</summary>
    public async Task SendDataAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        while (!data.IsEmpty)
        {
            var part = data[..Math.Min(data.Length, TunnelLimits.MaxPayload)];
            await SendAsync(TunnelFrame.Data, part, cancellationToken);
            data = data[part.Length..];
        }
    }

    /// <summary>Half-close: no more bytes from this side; the other may go on.</summary>
    public Task SendEndAsync(CancellationToken cancellationToken) => SendAsync(TunnelFrame.End, default, cancellationToken);

    public async Task SendAsync(TunnelFrame kind, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(payload.Length, TunnelLimits.MaxPayload);
        var frame = ArrayPool<byte>.Shared.Rent(payload.Length + 1);
        await _sending.WaitAsync(cancellationToken);
        try
        {
            if (LocalEnded && kind is TunnelFrame.Data or TunnelFrame.End && LocalEnded)
            {
                throw new InvalidOperationException("This side of the tunnel has ended.");
            }

            frame[0] = (byte)kind;
            payload.CopyTo(frame.AsMemory(1));
            LocalEnded |= kind == TunnelFrame.End;
            await socket.SendAsync(frame.AsMemory(0, payload.Length + 1), WebSocketMessageType.Binary, endOfMessage: true, cancellationToken);
        }
        finally
        {
            _sending.Release();
            ArrayPool<byte>.Shared.Return(frame);
        }
    }

    /// <summary>The next frame; its payload is good until the next call. Throws <see cref="IOException"/> when the tunnel breaks.</summary>
    public async ValueTask<(TunnelFrame Kind, ReadOnlyMemory<byte> Payload)> ReceiveAsync(CancellationToken cancellationToken)
    {
        var length = 0;
        while (true)
        {
            ValueWebSocketReceiveResult part;
            try
            {
                part = await socket.ReceiveAsync(_received.AsMemory(length), cancellationToken);
            }
            catch (WebSocketException exception)
            {
                throw new IOException("The tunnel broke.", exception);
            }
            catch (Exception exception) when (exception is ObjectDisposedException
                || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
            {
                // How an abort on this side shows.
                throw new IOException("The tunnel is closed.", exception);
            }

            if (part.MessageType == WebSocketMessageType.Close)
            {
                throw new IOException("The tunnel was closed by the other side.");
            }

            length += part.Count;
            if (part.EndOfMessage)
            {
                break;
            }

            if (length == _received.Length)
            {
                throw new IOException("A frame of the tunnel is too large.");
            }
        }

        if (length == 0 || _received[0] is < (byte)TunnelFrame.Request or > (byte)TunnelFrame.Reset)
        {
            throw new IOException("A frame of the tunnel is of no known kind.");
        }

        var kind = (TunnelFrame)_received[0];
        if (RemoteEnded && kind is TunnelFrame.Data or TunnelFrame.End && RemoteEnded)
        {
            throw new IOException("The other side of the tunnel sends after its end.");
        }

        RemoteEnded |= kind == TunnelFrame.End;
        return (kind, _received.AsMemory(1, length - 1));
    }

    /// <summary>Cuts the connection.</summary>
    public void Abort()
    {
        socket.Abort();
        _closed.TrySetResult();
    }

    /// <summary>Tells the other side to stop and closes behind it, so that the word still arrives.</summary>
    public async Task ResetAsync(CancellationToken cancellationToken)
    {
        await SendAsync(TunnelFrame.Reset, default, cancellationToken);
        await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, cancellationToken);
        _closed.TrySetResult();
    }

    public ValueTask DisposeAsync()
    {
        _closed.TrySetResult();
        socket.Dispose();
        return ValueTask.CompletedTask;
    }
}
