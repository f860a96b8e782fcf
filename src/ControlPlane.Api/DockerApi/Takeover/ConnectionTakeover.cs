using System.Buffers;
using System.IO.Pipelines;

namespace ControlPlane.Api.DockerApi.Takeover;

/// <summary>
/// Lets a request take its connection over after the framework has read it. Kestrel does not do that for a request with a body, and
/// <c>docker exec</c> has one. From then on what the framework itself reads is at its end, and what it writes goes nowhere.
/// </summary>
internal sealed class ConnectionTakeover : IDuplexPipe
{
    private readonly IDuplexPipe _transport;
    private volatile bool _taken;

    public ConnectionTakeover(IDuplexPipe transport)
    {
        _transport = transport;
        Input = new Reader(this, transport.Input);
        Output = new Writer(this, transport.Output);
    }

    /// <summary>As the framework sees it.</summary>
    public PipeReader Input { get; }

    /// <inheritdoc cref="Input"/>
    public PipeWriter Output { get; }

    /// <summary>The connection's own bytes; only once, and only when the request has been read whole and nothing has been answered.</summary>
    public IDuplexPipe Take()
    {
        if (_taken)
        {
            throw new InvalidOperationException("The connection has been taken over already.");
        }

        _taken = true;
        return _transport;
    }

    private sealed class Reader(ConnectionTakeover takeover, PipeReader inner) : PipeReader
    {
        private static readonly ReadResult End = new(ReadOnlySequence<byte>.Empty, isCanceled: false, isCompleted: true);

        public override bool TryRead(out ReadResult result)
        {
            if (takeover._taken)
            {
                result = End;
                return true;
            }

            return inner.TryRead(out result);
        }

        public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default) =>
            takeover._taken ? ValueTask.FromResult(End) : inner.ReadAsync(cancellationToken);

        public override void AdvanceTo(SequencePosition consumed)
        {
            if (!takeover._taken)
            {
                inner.AdvanceTo(consumed);
            }
        }

        public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
        {
            if (!takeover._taken)
            {
                inner.AdvanceTo(consumed, examined);
            }
        }

        public override void CancelPendingRead() => inner.CancelPendingRead();

        public override void Complete(Exception? exception = null) => inner.Complete(exception);
    }

    private sealed class Writer(ConnectionTakeover takeover, PipeWriter inner) : PipeWriter
    {
        // Never completed: Kestrel would abort the connection, and a reset could overtake what the client has not read yet.
        private static readonly FlushResult Taken = new(isCanceled: false, isCompleted: false);
        private byte[]? _nowhere;

        public override bool CanGetUnflushedBytes => inner.CanGetUnflushedBytes;

        public override long UnflushedBytes => takeover._taken ? 0 : inner.UnflushedBytes;

        public override void Advance(int bytes)
        {
            if (!takeover._taken)
            {
                inner.Advance(bytes);
            }
        }

        public override Memory<byte> GetMemory(int sizeHint = 0) => takeover._taken ? Nowhere(sizeHint) : inner.GetMemory(sizeHint);

        public override Span<byte> GetSpan(int sizeHint = 0) => takeover._taken ? Nowhere(sizeHint) : inner.GetSpan(sizeHint);

        public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) =>
            takeover._taken ? ValueTask.FromResult(Taken) : inner.FlushAsync(cancellationToken);

        public override void CancelPendingFlush() => inner.CancelPendingFlush();

        public override void Complete(Exception? exception = null) => inner.Complete(exception);

        private byte[] Nowhere(int least) => _nowhere is { } buffer && buffer.Length >= least ? buffer : _nowhere = new byte[Math.Max(least, 4096)];
    }
}
