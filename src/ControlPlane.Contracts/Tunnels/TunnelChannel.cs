using System.Buffers;
using System.Buffers.Binary;
using System.Net.WebSockets;
using System.Text;
using System.Threading.Channels;

namespace ControlPlane.Contracts.Tunnels;

/// <summary>
/// Frames over one WebSocket, for both ends. The socket is always being read, so that a reset, a closed connection and the pongs of the keep-alive
/// are seen however slow the reader of a body is; what may be under way is bounded by credits (<see cref="TunnelLimits.Window"/>).
/// </summary>
/// <remarks>Credits count over the life of the tunnel and not per request: one that arrives late is never counted for the wrong request.</remarks>
public sealed class TunnelChannel : IDisposable
{
    private const int CreditStep = TunnelLimits.Window / 4;

    private readonly WebSocket _socket;
    private readonly bool _isAgent;
    private readonly SemaphoreSlim _sending = new(1, 1);
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _broken = new();
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Channel<TunnelTurn> _requests = Channel.CreateBounded<TunnelTurn>(1);
    private readonly byte[] _kind = new byte[1];
    private volatile TunnelTurn? _turn;
    private readonly TunnelWindow _window;
    private int _allowed = TunnelLimits.Window;
    private int _owed;
    private int _crediting;

    private TunnelChannel(WebSocket socket, bool isAgent)
    {
        _socket = socket;
        _isAgent = isAgent;
        _window = new TunnelWindow(this);
        Broken = _broken.Token;
    }

    /// <summary>Ends when the channel is of no use any more.</summary>
    public Task Closed => _closed.Task;

    /// <summary>Cancelled when the other end has reset or the connection is gone.</summary>
    public CancellationToken Broken { get; }

    /// <summary>True while requests can be sent.</summary>
    public bool IsOpen => _socket.State == WebSocketState.Open && !_closed.Task.IsCompleted;

    /// <summary>The server's end: it begins requests.</summary>
    /// <param name="socket">The connection.</param>
    public static TunnelChannel OfServer(WebSocket socket) => Start(socket, isAgent: false);

    /// <summary>The agent's end: it takes requests.</summary>
    /// <param name="socket">The connection.</param>
    public static TunnelChannel OfAgent(WebSocket socket) => Start(socket, isAgent: true);

    /// <summary>Server: begins the next request; the one before has ended in both directions.</summary>
    /// <param name="head">The request as JSON.</param>
    /// <param name="isWhole">It has no body and takes nothing over.</param>
    /// <param name="cancellationToken">Ends the sending.</param>
    /// <exception cref="IOException">The tunnel broke.</exception>
    public async Task<TunnelTurn> BeginAsync(ReadOnlyMemory<byte> head, bool isWhole, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(head.Length, TunnelLimits.MaxHead);
        var turn = new TunnelTurn(this, null);
        lock (_gate)
        {
            if (_turn is { IsOver: false })
            {
                throw new InvalidOperationException("The tunnel carries another request.");
            }

            if (Broken.IsCancellationRequested)
            {
                throw new IOException("The tunnel is closed.");
            }

            _turn = turn;
        }

        await SendAsync(turn, isWhole ? TunnelFrame.Ask : TunnelFrame.Request, head, cancellationToken);
        return turn;
    }

    /// <summary>Agent: the next request; null when the tunnel is closed.</summary>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public async ValueTask<TunnelTurn?> NextAsync(CancellationToken cancellationToken)
    {
        while (await _requests.Reader.WaitToReadAsync(cancellationToken))
        {
            if (_requests.Reader.TryRead(out var turn))
            {
                return turn;
            }
        }

        return null;
    }

    /// <summary>Cuts the connection.</summary>
    public void Abort()
    {
        // The loop that reads sees it and ends whatever waits.
        _socket.Abort();
        _closed.TrySetResult();
    }

    /// <summary>Tells the other side to stop and closes behind it, so that the word still arrives.</summary>
    /// <param name="reason">Why; may be empty.</param>
    /// <param name="cancellationToken">Ends the sending.</param>
    public async Task ResetAsync(string reason, CancellationToken cancellationToken)
    {
        await SendAsync(null, TunnelFrame.Reset, Encoding.UTF8.GetBytes(reason), cancellationToken);
        try
        {
            await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, cancellationToken);
        }
        catch (Exception exception) when (exception is WebSocketException or ObjectDisposedException)
        {
            // The other side has hung up already.
        }

        _closed.TrySetResult();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _closed.TrySetResult();
        _socket.Dispose();
    }

    /// <summary>Sends a frame of a turn; false when that side of the turn has ended.</summary>
    internal async ValueTask<bool> SendAsync(TunnelTurn? turn, TunnelFrame kind, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken)
    {
        await _sending.WaitAsync(cancellationToken);
        try
        {
            // Rented when it is its turn: who waits holds no buffer.
            var frame = ArrayPool<byte>.Shared.Rent(payload.Length + 1);
            try
            {
                frame[0] = (byte)kind;
                payload.CopyTo(frame.AsMemory(1));
                return await SendLockedAsync(turn, frame.AsMemory(0, payload.Length + 1), cancellationToken);
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(frame);
            }
        }
        finally
        {
            _sending.Release();
        }
    }

    /// <summary>Sends a frame that the caller has built, its kind in front.</summary>
    internal async ValueTask<bool> SendFrameAsync(TunnelTurn turn, ReadOnlyMemory<byte> frame, CancellationToken cancellationToken)
    {
        await _sending.WaitAsync(cancellationToken);
        try
        {
            return await SendLockedAsync(turn, frame, cancellationToken);
        }
        finally
        {
            _sending.Release();
        }
    }

    /// <inheritdoc cref="TunnelWindow.TakeAsync"/>
    internal ValueTask<int> TakeWindowAsync(TunnelTurn turn, int wanted, CancellationToken cancellationToken) => _window.TakeAsync(turn, wanted, cancellationToken);

    /// <inheritdoc cref="TunnelWindow.TryTake"/>
    internal bool TryTakeWindow(int wanted) => _window.TryTake(wanted);

    /// <inheritdoc cref="TunnelWindow.Add"/>
    internal void AddWindow(long count) => _window.Add(count);

    /// <summary>Bytes that this side has taken: the other may send as many again.</summary>
    internal void Owe(int count)
    {
        if (count > 0 && Interlocked.Add(ref _owed, count) >= CreditStep && Interlocked.Exchange(ref _crediting, 1) == 0)
        {
            _ = SendCreditAsync();
        }
    }

    private static TunnelChannel Start(WebSocket socket, bool isAgent)
    {
        var channel = new TunnelChannel(socket, isAgent);
        _ = channel.ReceiveAsync();
        return channel;
    }

    private static IOException Violation(string what) => new($"The other side of the tunnel sent {what}.");

    /// <summary>An answer that is complete makes the rest of the request's body pointless.</summary>
    internal bool IsUnwanted(TunnelTurn turn) => turn.LocalEnded || _turn != turn || (!_isAgent && turn.RemoteEnded);

    private async ValueTask<bool> SendLockedAsync(TunnelTurn? turn, ReadOnlyMemory<byte> frame, CancellationToken cancellationToken)
    {
        if (turn is not null && (turn.LocalEnded || _turn != turn))
        {
            return false;
        }

        if (turn is not null && (TunnelFrame)frame.Span[0] is TunnelFrame.End or TunnelFrame.Ask or TunnelFrame.Whole)
        {
            // Before it is sent: the answer may be here before the send returns.
            turn.LocalEnded = true;
        }

        try
        {
            await _socket.SendAsync(frame, WebSocketMessageType.Binary, endOfMessage: true, cancellationToken);
            return true;
        }
        catch (Exception exception) when (exception is WebSocketException or ObjectDisposedException or InvalidOperationException
            || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new IOException("The tunnel broke.", exception);
        }
    }

    private async Task SendCreditAsync()
    {
        try
        {
            do
            {
                var count = Interlocked.Exchange(ref _owed, 0);
                Interlocked.Add(ref _allowed, count);
                var payload = new byte[sizeof(int)];
                BinaryPrimitives.WriteInt32LittleEndian(payload, count);
                await SendAsync(null, TunnelFrame.Credit, payload, CancellationToken.None);
                Volatile.Write(ref _crediting, 0);
            }
            while (Volatile.Read(ref _owed) >= CreditStep && Interlocked.Exchange(ref _crediting, 1) == 0);
        }
        catch (Exception)
        {
            // Without credits the other side would wait for ever.
            Abort();
        }
    }

    private async Task ReceiveAsync()
    {
        try
        {
            while (true)
            {
                var (kind, isWhole) = await ReceiveKindAsync();
                if (kind == TunnelFrame.Data)
                {
                    await ReceiveDataAsync(isWhole);
                }
                else
                {
                    Take(kind, isWhole ? default : await ReceiveRestAsync(kind == TunnelFrame.Whole ? 8 * 1024 : 1024));
                }
            }
        }
        catch (Exception exception)
        {
            Break(exception as IOException ?? new IOException("The tunnel broke.", exception));
        }
    }

    private async ValueTask<(TunnelFrame Kind, bool IsWhole)> ReceiveKindAsync()
    {
        // One byte: while nothing comes no buffer is held.
        var part = await _socket.ReceiveAsync(_kind.AsMemory(), CancellationToken.None);
        return part switch
        {
            { MessageType: WebSocketMessageType.Close } => throw new IOException("The tunnel was closed by the other side."),
            { MessageType: WebSocketMessageType.Binary, Count: 1 } => ((TunnelFrame)_kind[0], part.EndOfMessage),
            _ => throw Violation("a message that is no frame"),
        };
    }

    private async ValueTask ReceiveDataAsync(bool isWhole)
    {
        if (isWhole || _turn is not { RemoteEnded: false, HasHead: true } turn)
        {
            throw Violation("data out of place");
        }

        var length = 0;
        while (true)
        {
            var part = await _socket.ReceiveAsync(turn.Room(), CancellationToken.None);
            length += part.Count;
            if (part.MessageType != WebSocketMessageType.Binary || length > TunnelLimits.MaxPayload || Interlocked.Add(ref _allowed, -part.Count) < 0)
            {
                throw Violation("more data than it may");
            }

            turn.Arrived(part.Count);
            if (part.EndOfMessage)
            {
                // Once a frame: its parts come in the pieces of the buffers below, and waking the reader for each would cost more than the bytes.
                await turn.FlushAsync();
                return;
            }
        }
    }

    private async ValueTask<ReadOnlyMemory<byte>> ReceiveRestAsync(int expected)
    {
        var buffer = new byte[expected];
        var length = 0;
        while (true)
        {
            if (length == buffer.Length)
            {
                Array.Resize(ref buffer, length < TunnelLimits.MaxHead ? length * 2 : throw Violation("a frame that is too large"));
            }

            var part = await _socket.ReceiveAsync(buffer.AsMemory(length), CancellationToken.None);
            length += part.Count;
            if (part.MessageType != WebSocketMessageType.Binary)
            {
                throw Violation("a message that is no frame");
            }

            if (part.EndOfMessage)
            {
                return buffer.AsMemory(0, length);
            }
        }
    }

    private void Take(TunnelFrame kind, ReadOnlyMemory<byte> payload)
    {
        var turn = _turn;
        switch (kind)
        {
            case TunnelFrame.Credit when payload.Length == sizeof(int) && BinaryPrimitives.ReadInt32LittleEndian(payload.Span) is > 0 and <= TunnelLimits.Window:
                AddWindow(BinaryPrimitives.ReadInt32LittleEndian(payload.Span));
                break;
            case TunnelFrame.Request or TunnelFrame.Ask when _isAgent && turn is null or { IsOver: true }:
                var next = new TunnelTurn(this, payload);
                if (kind == TunnelFrame.Ask)
                {
                    next.EndRemote();
                }

                _turn = next;
                if (!_requests.Writer.TryWrite(next))
                {
                    throw Violation("requests too fast");
                }

                break;
            case TunnelFrame.Accepted when !_isAgent && turn is { RemoteEnded: false }:
                turn.Accept();
                break;
            case TunnelFrame.Response when !_isAgent && turn is { RemoteEnded: false, HasHead: false }:
                turn.Answer(payload);
                break;
            case TunnelFrame.Whole when !_isAgent && turn is { RemoteEnded: false, HasHead: false }:
                TakeWhole(turn, payload);
                break;
            case TunnelFrame.End when turn is { RemoteEnded: false, HasHead: true }:
                turn.EndRemote();

                // Whoever waits to send what is pointless now.
                AddWindow(0);
                break;
            case TunnelFrame.Reset when turn is not null:
                throw new IOException(_isAgent ? "The server gave the request up." : $"The node broke the answer off: {Encoding.UTF8.GetString(payload.Span)}");
            default:
                throw Violation("a frame out of place");
        }
    }

    private void TakeWhole(TunnelTurn turn, ReadOnlyMemory<byte> payload)
    {
        if (!WholeAnswer.TryRead(payload, out var head, out var body) || Interlocked.Add(ref _allowed, -body.Length) < 0)
        {
            throw Violation("an answer that is none, or too large");
        }

        turn.AnswerWhole(head, body.Span);
        AddWindow(0);
    }

    private void Break(IOException reason)
    {
        _socket.Abort();
        _broken.Cancel();
        AddWindow(0);
        _turn?.Fail(reason);
        _requests.Writer.TryComplete();
        _closed.TrySetResult();
    }
}
