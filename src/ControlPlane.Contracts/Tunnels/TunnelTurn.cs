using System.Buffers;
using System.IO.Pipelines;

namespace ControlPlane.Contracts.Tunnels;

/// <summary>
/// One request's turn on a tunnel. Both directions are independent; one may write, and another read, at the same time. Sending after the end of a
/// side does nothing, so a turn that is over cannot disturb the next.
/// </summary>
public sealed class TunnelTurn
{
    // Nothing is held while no bytes wait; the bound are the credits, not the pipe.
    private static readonly PipeOptions Options = new(pauseWriterThreshold: 0, resumeWriterThreshold: 0, minimumSegmentSize: 16 * 1024, useSynchronizationContext: false);

    private readonly TunnelChannel _channel;
    private readonly Pipe _pipe = new(Options);
    private readonly Lock _gate = new();
    private readonly TaskCompletionSource _accepted = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<ReadOnlyMemory<byte>> _head = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private byte[]? _sink;
    private bool _inPipe;
    private bool _reading;
    private bool _discarded;
    private int _unread;

    internal TunnelTurn(TunnelChannel channel, ReadOnlyMemory<byte>? request)
    {
        _channel = channel;
        if (request is { } head)
        {
            Answer(head);
        }
    }

    /// <summary>Server: the agent has the request. Fails with <see cref="IOException"/> when the tunnel breaks before.</summary>
    public Task Accepted => _accepted.Task;

    /// <summary>The head of the answer, or of the request on the agent, as JSON. Fails with <see cref="IOException"/> when the tunnel breaks before.</summary>
    public Task<ReadOnlyMemory<byte>> Head => _head.Task;

    /// <summary>The other side has said that no more bytes come. Fails with <see cref="IOException"/> when the tunnel breaks before.</summary>
    public Task Ended => _ended.Task;

    /// <summary>This side has said that no more bytes come.</summary>
    public bool LocalEnded { get; internal set; }

    /// <summary>The other side has said so.</summary>
    public bool RemoteEnded { get; private set; }

    /// <summary>Cancelled when the other end has reset or the connection is gone.</summary>
    public CancellationToken Broken => _channel.Broken;

    internal bool IsOver => LocalEnded && RemoteEnded;

    internal bool HasHead { get; private set; }

    /// <summary>Agent: tells the server that the request is here.</summary>
    /// <param name="cancellationToken">Ends the sending.</param>
    public async Task SendAcceptedAsync(CancellationToken cancellationToken) => await _channel.SendAsync(this, TunnelFrame.Accepted, default, cancellationToken);

    /// <summary>Agent: the head of the answer.</summary>
    /// <param name="head">The answer as JSON.</param>
    /// <param name="cancellationToken">Ends the sending.</param>
    public async Task SendResponseAsync(ReadOnlyMemory<byte> head, CancellationToken cancellationToken) =>
        await _channel.SendAsync(this, TunnelFrame.Response, head, cancellationToken);

    /// <summary>Agent: the whole answer in one frame. False, and nothing sent, when the other side has no room for the body now.</summary>
    /// <param name="head">The answer as JSON.</param>
    /// <param name="body">At most <see cref="TunnelLimits.MaxPayload"/> bytes; may be empty.</param>
    /// <param name="cancellationToken">Ends the sending; cancelled in the middle of the frame it breaks the tunnel.</param>
    /// <exception cref="IOException">The tunnel broke.</exception>
    public async ValueTask<bool> SendWholeAsync(ReadOnlyMemory<byte> head, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        if (!_channel.TryTakeWindow(body.Length))
        {
            return false;
        }

        var length = WholeAnswer.LengthOf(head.Length, body.Length);
        var frame = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            WholeAnswer.Write(frame, head.Span, body.Span);
            if (!await _channel.SendFrameAsync(this, frame.AsMemory(0, length), cancellationToken))
            {
                _channel.AddWindow(body.Length);
            }

            return true;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(frame);
        }
    }

    /// <summary>Sends bytes of a body in as many frames as needed; waits while the other side does not take them.</summary>
    /// <param name="data">The bytes.</param>
    /// <param name="cancellationToken">Ends the sending; cancelled in the middle of a frame it breaks the tunnel.</param>
    /// <exception cref="IOException">The tunnel broke.</exception>
    public async ValueTask SendDataAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        while (!data.IsEmpty)
        {
            var count = await _channel.TakeWindowAsync(this, Math.Min(data.Length, TunnelLimits.MaxPayload), cancellationToken);
            if (count == 0)
            {
                return;
            }

            if (!await _channel.SendAsync(this, TunnelFrame.Data, data[..count], cancellationToken))
            {
                _channel.AddWindow(count);
                return;
            }

            data = data[count..];
        }
    }

    /// <summary>As <see cref="SendDataAsync"/>, without a copy: the first byte of the buffer is room for the kind of the frame.</summary>
    /// <param name="buffer">One byte of room and at most <see cref="TunnelLimits.MaxPayload"/> bytes; it is written to.</param>
    /// <param name="cancellationToken">Ends the sending.</param>
    public async ValueTask SendDataInPlaceAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        while (buffer.Length > 1)
        {
            var count = await _channel.TakeWindowAsync(this, buffer.Length - 1, cancellationToken);
            if (count == 0)
            {
                return;
            }

            buffer.Span[0] = (byte)TunnelFrame.Data;
            if (!await _channel.SendFrameAsync(this, buffer[..(count + 1)], cancellationToken))
            {
                _channel.AddWindow(count);
                return;
            }

            // The last byte that was sent is the room of the next frame.
            buffer = buffer[count..];
        }
    }

    /// <summary>Half-close: no more bytes from this side; harmless twice.</summary>
    /// <param name="cancellationToken">Ends the sending.</param>
    public async ValueTask SendEndAsync(CancellationToken cancellationToken)
    {
        if (!LocalEnded)
        {
            await _channel.SendAsync(this, TunnelFrame.End, default, cancellationToken);
        }
    }

    /// <summary>
    /// Waits for bytes; empty at the end. What is returned is good until <see cref="Advance"/>, which has to follow unless it was empty.
    /// </summary>
    /// <param name="cancellationToken">Ends the waiting; nothing is lost.</param>
    /// <exception cref="IOException">The tunnel broke.</exception>
    public async ValueTask<ReadOnlySequence<byte>> ReadAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_discarded)
            {
                return default;
            }

            _reading = true;
        }

        try
        {
            var result = await _pipe.Reader.ReadAsync(cancellationToken);
            if (!result.Buffer.IsEmpty && !result.IsCanceled)
            {
                return result.Buffer;
            }

            _pipe.Reader.AdvanceTo(result.Buffer.Start);
        }
        catch (Exception)
        {
            Read(0);
            throw;
        }

        Read(0);
        return default;
    }

    /// <summary>Bytes that <see cref="ReadAsync"/> returned have been taken; the other side may send as many again.</summary>
    /// <param name="consumed">Up to where.</param>
    /// <param name="count">How many bytes that is.</param>
    public void Advance(SequencePosition consumed, int count)
    {
        _pipe.Reader.AdvanceTo(consumed);
        Read(count);
    }

    /// <summary>Nobody will read the rest: it is taken from the wire and forgotten. Harmless twice.</summary>
    public void Discard()
    {
        int owed;
        lock (_gate)
        {
            if (_discarded)
            {
                return;
            }

            _discarded = true;
            owed = _unread;
            _unread = 0;
            if (_reading)
            {
                _pipe.Reader.CancelPendingRead();
            }
            else
            {
                _pipe.Reader.Complete();
            }
        }

        _channel.Owe(owed);
    }

    internal Memory<byte> Room()
    {
        lock (_gate)
        {
            _inPipe = !_discarded;
        }

        return _inPipe ? _pipe.Writer.GetMemory() : _sink ??= new byte[4096];
    }

    internal void Arrived(int count)
    {
        bool isUnwanted;
        lock (_gate)
        {
            isUnwanted = _discarded;
            _unread += isUnwanted ? 0 : count;
        }

        if (isUnwanted)
        {
            _channel.Owe(count);
        }

        if (_inPipe)
        {
            _pipe.Writer.Advance(count);
        }
    }

    internal async ValueTask FlushAsync() => await _pipe.Writer.FlushAsync(CancellationToken.None);

    internal void Accept() => _accepted.TrySetResult();

    internal void Answer(ReadOnlyMemory<byte> head)
    {
        HasHead = true;
        _accepted.TrySetResult();
        _head.TrySetResult(head);
    }

    internal void AnswerWhole(ReadOnlyMemory<byte> head, ReadOnlySpan<byte> body)
    {
        // The head last: whoever waits for it finds everything else there.
        while (!body.IsEmpty)
        {
            var room = Room().Span;
            var count = Math.Min(room.Length, body.Length);
            body[..count].CopyTo(room);
            Arrived(count);
            body = body[count..];
        }

        HasHead = true;
        EndRemote();
        Answer(head);
    }

    internal void EndRemote()
    {
        RemoteEnded = true;
        _pipe.Writer.Complete();
        _ended.TrySetResult();
    }

    internal void Fail(IOException reason)
    {
        if (!RemoteEnded)
        {
            _pipe.Writer.Complete(reason);
        }

        _accepted.TrySetException(reason);
        _head.TrySetException(reason);
        _ended.TrySetException(reason);

        // Nobody may be waiting for them; that is no error.
        _ = _accepted.Task.Exception;
        _ = _head.Task.Exception;
        _ = _ended.Task.Exception;
    }

    private void Read(int count)
    {
        lock (_gate)
        {
            _reading = false;
            if (_discarded)
            {
                _pipe.Reader.Complete();
                return;
            }

            _unread -= count;
        }

        _channel.Owe(count);
    }
}
