using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using ControlPlane.Core.Data;

namespace ControlPlane.Core.Audit.Chain;

/// <summary>
/// The hash of one seal, as docs/design/audit.md defines it: SHA-256 over the version, the seal's own fields and every field of every
/// entry in order. Each text is its length in bytes (four, big-endian) and UTF-8; a missing one is the length 0xFFFFFFFF. So no two
/// different sets of entries have the same encoding.
/// </summary>
internal sealed class SealHash : IDisposable
{
    /// <summary>Before the first seal.</summary>
    public const string Zero = "0000000000000000000000000000000000000000000000000000000000000000";

    private const string Version = "controlplane.audit.seal.1";
    private const string TimeFormat = "yyyy-MM-ddTHH:mm:ss.ffffffZ";

    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private byte[] _buffer = new byte[4096];
    private int _length;

    /// <param name="number">Of the seal.</param>
    /// <param name="previousHash">Of the seal before it.</param>
    /// <param name="sealedAt">When.</param>
    /// <param name="entries">How many follow.</param>
    public void Begin(long number, string previousHash, DateTime sealedAt, int entries)
    {
        Text(Version);
        Text(number.ToString(CultureInfo.InvariantCulture));
        Text(previousHash);
        Text(Time(sealedAt));
        Text(entries.ToString(CultureInfo.InvariantCulture));
    }

    public void Add(AuditEntity entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        Text(entry.Id.ToString("D"));
        Text(Time(entry.At));
        Text(entry.ActorKind);
        Text(entry.ActorId);
        Text(entry.ActorName);
        Text(entry.CredentialId);
        Text(entry.RemoteAddress);
        Text(entry.Action);
        Text(entry.ObjectKind);
        Text(entry.ObjectId);
        Text(entry.ObjectName);
        Text(entry.Result);
        Text(entry.Detail);
        Text(entry.RequestId);
        Text(entry.Count.ToString(CultureInfo.InvariantCulture));
        Text(entry.ParametersJson);
        Text(entry.BeforeJson);
        Text(entry.AfterJson);
    }

    /// <summary>Lower-case hex; the next one may begin.</summary>
    public string End()
    {
        Drain();
        return Convert.ToHexStringLower(_hash.GetHashAndReset());
    }

    public void Dispose() => _hash.Dispose();

    /// <summary>As it is hashed and exported: UTC, microseconds.</summary>
    internal static string Time(DateTime time) => time.ToString(TimeFormat, CultureInfo.InvariantCulture);

    private void Text(string? text)
    {
        if (text is null)
        {
            Room(4);
            BinaryPrimitives.WriteUInt32BigEndian(_buffer.AsSpan(_length), uint.MaxValue);
            _length += 4;
            return;
        }

        Room(4 + Encoding.UTF8.GetMaxByteCount(text.Length));
        var bytes = Encoding.UTF8.GetBytes(text, _buffer.AsSpan(_length + 4));
        BinaryPrimitives.WriteInt32BigEndian(_buffer.AsSpan(_length), bytes);
        _length += 4 + bytes;
    }

    private void Room(int bytes)
    {
        if (_buffer.Length - _length >= bytes)
        {
            return;
        }

        Drain();
        if (_buffer.Length < bytes)
        {
            _buffer = new byte[bytes];
        }
    }

    private void Drain()
    {
        _hash.AppendData(_buffer, 0, _length);
        _length = 0;
    }
}
