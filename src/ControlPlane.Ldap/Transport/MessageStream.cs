using System.Net.Security;
using System.Net.Sockets;
using ControlPlane.Ldap.Protocol;

namespace ControlPlane.Ldap.Transport;

/// <summary>Whole messages over a socket, plain or in TLS. Not for use by two at once.</summary>
internal sealed class MessageStream(Socket socket, int maxMessageBytes) : IAsyncDisposable
{
    private const int FirstBufferBytes = 16 * 1024;

    /// <summary>A larger buffer is given back once its message has been read.</summary>
    private const int KeptBufferBytes = 256 * 1024;

    private Stream _stream = new NetworkStream(socket, ownsSocket: false);
    private byte[] _buffer = new byte[FirstBufferBytes];
    private int _start;
    private int _end;

    public bool IsEncrypted => _stream is SslStream;

    /// <summary>Bytes that came in and belong to no message that was read.</summary>
    public bool HasUnread => _end > _start;

    /// <summary>From here on everything goes through this stream.</summary>
    public void Upgrade(SslStream stream) => _stream = stream;

    public Stream Inner => _stream;

    public async Task WriteAsync(byte[] message, CancellationToken cancellationToken) => await _stream.WriteAsync(message, cancellationToken);

    /// <summary>The next message if all of it has come in already; null if not.</summary>
    /// <exception cref="LdapException">ProtocolError.</exception>
    public LdapMessage? TryTake()
    {
        var length = MessageLength();
        if (length == 0 || _end - _start < length)
        {
            return null;
        }

        var isMessage = MessageReader.TryRead(_buffer.AsSpan(_start, length), out var message, out var problem);
        _start += length;
        if (_start == _end)
        {
            _start = _end = 0;
            _buffer = _buffer.Length > KeptBufferBytes ? new byte[FirstBufferBytes] : _buffer;
        }

        return isMessage ? message : throw new LdapException(LdapErrorKind.ProtocolError, problem);
    }

    /// <summary>Waits for more bytes.</summary>
    /// <exception cref="LdapException">ConnectionClosed.</exception>
    public async Task ReceiveAsync(CancellationToken cancellationToken)
    {
        MakeRoom();
        var count = await _stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken);
        if (count == 0)
        {
            throw new LdapException(LdapErrorKind.ConnectionClosed, "The directory server closed the connection.");
        }

        _end += count;
    }

    /// <summary>Closes without waiting for anybody.</summary>
    public async ValueTask DisposeAsync()
    {
        socket.Dispose();
        await _stream.DisposeAsync();
    }

    /// <summary>Length with header; 0 while the header is not all there.</summary>
    private int MessageLength()
    {
        var unread = _buffer.AsSpan(_start, _end - _start);
        if (unread.IsEmpty)
        {
            return 0;
        }

        if (unread[0] != BerReader.Sequence)
        {
            throw new LdapException(LdapErrorKind.ProtocolError, "What the server sends is not LDAP.");
        }

        if (!BerReader.TryReadHeader(unread, out _, out var headerLength, out var length))
        {
            return headerLength == 0 ? 0 : throw new LdapException(LdapErrorKind.ProtocolError, "The server's message has a length that is not allowed.");
        }

        return length + headerLength <= maxMessageBytes
            ? headerLength + (int)length
            : throw new LdapException(LdapErrorKind.ProtocolError, $"The server's message is larger than {maxMessageBytes} bytes.");
    }

    /// <summary>Grows with what has come in, never to what a length promises.</summary>
    private void MakeRoom()
    {
        if (_end < _buffer.Length)
        {
            return;
        }

        var target = _end - _start > _buffer.Length / 2 ? new byte[_buffer.Length * 2] : _buffer;
        _buffer.AsSpan(_start, _end - _start).CopyTo(target);
        _end -= _start;
        _start = 0;
        _buffer = target;
    }
}
