using System.Buffers.Binary;

namespace ControlPlane.Contracts.Tunnels;

/// <summary>The form of <see cref="TunnelFrame.Whole"/>: kind, length of the head (32 bits, little-endian), head, body.</summary>
internal static class WholeAnswer
{
    private const int HeadAt = sizeof(int);

    public static int LengthOf(int head, int body) => 1 + HeadAt + head + body;

    public static void Write(Span<byte> frame, ReadOnlySpan<byte> head, ReadOnlySpan<byte> body)
    {
        frame[0] = (byte)TunnelFrame.Whole;
        var payload = frame[1..];
        BinaryPrimitives.WriteInt32LittleEndian(payload, head.Length);
        head.CopyTo(payload[HeadAt..]);
        body.CopyTo(payload[(HeadAt + head.Length)..]);
    }

    /// <summary>Takes the payload, without the kind, apart; false when it is none.</summary>
    public static bool TryRead(ReadOnlyMemory<byte> payload, out ReadOnlyMemory<byte> head, out ReadOnlyMemory<byte> body)
    {
        (head, body) = (default, default);
        var length = payload.Length < HeadAt ? -1 : BinaryPrimitives.ReadInt32LittleEndian(payload.Span);
        if (length < 0 || length > payload.Length - HeadAt)
        {
            return false;
        }

        (head, body) = (payload.Slice(HeadAt, length), payload[(HeadAt + length)..]);
        return body.Length <= TunnelLimits.MaxPayload;
    }
}
