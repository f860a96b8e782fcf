using System.Buffers.Binary;
using ControlPlane.Contracts.Tunnels;

namespace ControlPlane.Core.Containers;

/// <summary>
/// The text of a container's log: without the engine's frames (8 bytes: stream, three zeros, length; Engine API
/// <c>ContainerAttach</c>) when the container has no terminal.
/// </summary>
public sealed class LogTextStream(Stream engine, bool framed) : Stream
{
    private readonly byte[] _head = new byte[8];
    private int _left;

    /// <summary>Types of the engine's log bodies, with and without frames (Engine API 1.42 on).</summary>
    public const string FramedType = "application/vnd.docker.multiplexed-stream";
    public const string RawType = "application/vnd.docker.raw-stream";

    public static bool IsFramed(TunnelResponse head)
    {
        ArgumentNullException.ThrowIfNull(head);
        return string.Equals(head.ContentType, FramedType, StringComparison.Ordinal);
    }

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
        if (!framed)
        {
            return await engine.ReadAsync(buffer, cancellationToken);
        }

        while (_left == 0)
        {
            if (await engine.ReadAtLeastAsync(_head, _head.Length, throwOnEndOfStream: false, cancellationToken) < _head.Length)
            {
                return 0;
            }

            _left = (int)Math.Min(int.MaxValue, BinaryPrimitives.ReadUInt32BigEndian(_head.AsSpan(4)));
        }

        var read = await engine.ReadAsync(buffer[..Math.Min(buffer.Length, _left)], cancellationToken);
        _left -= read;
        return read;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Logs are read asynchronously.");

    public override void Flush()
    {
        // Nothing is written.
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
