using System.Net.WebSockets;
using ControlPlane.Contracts.Tunnels;

namespace ControlPlane.Agent.Tunnels;

/// <summary>Frames over one WebSocket. One reader and one writer at a time.</summary>
internal sealed class TunnelConnection(WebSocket socket) : IDisposable
{
    private readonly byte[] _in = new byte[TunnelLimits.MaxPayload + 1];
    private readonly byte[] _out = new byte[TunnelLimits.MaxPayload + 1];
    private readonly SemaphoreSlim _writing = new(1);

    /// <summary>The next frame; null when the other end has closed. The payload is valid until the next read.</summary>
    public async Task<(TunnelFrame Frame, ReadOnlyMemory<byte> Payload)?> ReadAsync(CancellationToken cancellationToken)
    {
        var length = 0;
        while (true)
        {
            var part = await socket.ReceiveAsync(_in.AsMemory(length), cancellationToken);
            if (part.MessageType == WebSocketMessageType.Close)
            {
                return null;
            }

            length += part.Count;
            if (part.EndOfMessage)
            {
                return part.MessageType == WebSocketMessageType.Binary && length > 0
                    ? ((TunnelFrame)_in[0], _in.AsMemory(1, length - 1))
                    : throw new InvalidDataException("The server sent a message that is not a tunnel frame.");
            }

            if (length == _in.Length)
            {
                throw new InvalidDataException("The server sent a tunnel frame that is too large.");
            }
        }
    }

    /// <summary>Sends a frame; returns when the connection has taken it, which is what holds the engine back for a slow reader.</summary>
    public async Task WriteAsync(TunnelFrame frame, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken);
        try
        {
            _out[0] = (byte)frame;
            payload.CopyTo(_out.AsMemory(1));
            await socket.SendAsync(_out.AsMemory(0, payload.Length + 1), WebSocketMessageType.Binary, endOfMessage: true, cancellationToken);
        }
        finally
        {
            _writing.Release();
        }
    }

    public void Dispose()
    {
        socket.Dispose();
        _writing.Dispose();
    }
}
