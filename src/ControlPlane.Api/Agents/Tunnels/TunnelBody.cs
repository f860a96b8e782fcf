using System.Text;
using ControlPlane.Contracts.Tunnels;

namespace ControlPlane.Api.Agents.Tunnels;

/// <summary>The body of an answer. At its end the tunnel goes back; disposed before, the request is given up.</summary>
internal sealed class TunnelBody(TunnelLease lease) : Stream
{
    private ReadOnlyMemory<byte> _rest;
    private bool _ended;
    private int _disposed;

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
        while (_rest.IsEmpty)
        {
            if (_ended || buffer.IsEmpty)
            {
                return 0;
            }

            await ReceiveAsync(cancellationToken);
        }

        var count = Math.Min(buffer.Length, _rest.Length);
        _rest[..count].CopyTo(buffer);
        _rest = _rest[count..];
        return count;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

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
        if (Interlocked.Exchange(ref _disposed, 1) == 0 && !_ended)
        {
            await lease.GiveUpAsync();
        }

        await base.DisposeAsync();
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing && Interlocked.Exchange(ref _disposed, 1) == 0 && !_ended)
        {
            lease.Drop();
        }

        base.Dispose(disposing);
    }

    private async ValueTask ReceiveAsync(CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_disposed != 0, this);
        var (kind, payload) = await lease.ReceiveAsync(cancellationToken);
        switch (kind)
        {
            case TunnelFrame.Data:
                _rest = payload;
                break;
            case TunnelFrame.End:
                _ended = true;
                lease.Return();
                break;
            case TunnelFrame.Reset:
                lease.Drop();
                throw new IOException($"The node broke the answer off: {Encoding.UTF8.GetString(payload.Span)}");
            default:
                lease.Drop();
                throw new IOException("The node sent a frame that has no place in a body.");
        }
    }
}
