using System.Buffers;
using ControlPlane.Contracts.Tunnels;

namespace ControlPlane.Api.Agents.Tunnels;

/// <summary>The body of an answer. Reading it to its end gives the tunnel back.</summary>
internal sealed class TunnelBody(TunnelExchange exchange, TunnelTurn turn) : Stream
{
    private bool _ended;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.IsEmpty || await NextAsync(cancellationToken) is not { IsEmpty: false } data)
        {
            return 0;
        }

        // Counted before they are given back: a sequence of segments that are used again has another length.
        var count = (int)Math.Min(buffer.Length, data.Length);
        data = data.Slice(0, count);
        data.CopyTo(buffer.Span);
        turn.Advance(data.End, count);
        return count;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override async Task CopyToAsync(Stream destination, int bufferSize, CancellationToken cancellationToken)
    {
        // From where the bytes arrived, without a buffer between.
        while (await NextAsync(cancellationToken) is { IsEmpty: false } data)
        {
            var taken = data.Start;
            var count = 0;
            try
            {
                foreach (var part in data)
                {
                    await destination.WriteAsync(part, cancellationToken);
                    count += part.Length;
                }

                taken = data.End;
            }
            finally
            {
                turn.Advance(taken, count);
            }
        }
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("A tunnel is read asynchronously.");

    public override void Flush()
    {
        // Nothing is written.
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override async ValueTask DisposeAsync()
    {
        await exchange.FinishAsync();
        await base.DisposeAsync();
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            exchange.Drop();
        }

        base.Dispose(disposing);
    }

    private async ValueTask<ReadOnlySequence<byte>> NextAsync(CancellationToken cancellationToken)
    {
        if (_ended)
        {
            return default;
        }

        ReadOnlySequence<byte> data;
        try
        {
            data = await turn.ReadAsync(cancellationToken);
        }
        catch (IOException)
        {
            await exchange.FinishAsync();
            throw;
        }

        if (data.IsEmpty)
        {
            // Never taken for the end: a body that its reader disposed in the middle.
            ObjectDisposedException.ThrowIf(!turn.RemoteEnded, this);
            _ended = true;
            await exchange.FinishAsync();
        }

        return data;
    }
}
