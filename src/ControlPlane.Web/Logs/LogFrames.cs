using System.Buffers.Binary;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Text;

namespace ControlPlane.Web.Logs;

/// <summary>One line of a log.</summary>
/// <param name="IsError">From standard error.</param>
/// <param name="Text">Without its end; cut after <see cref="LogFrames.MaxLine"/> bytes.</param>
public readonly record struct LogLine(bool IsError, string Text);

/// <summary>
/// Lines out of the engine's log stream: frames of 8 bytes head and payload, or raw text when the container has a terminal.
/// The log is always asked for with timestamps, so a raw stream begins with a digit and never looks like a frame.
/// </summary>
public static class LogFrames
{
    /// <summary>Longer lines are cut: nobody reads them, and a browser must survive them.</summary>
    public const int MaxLine = 16 * 1024;
    private const int HeadSize = 8;

    public static async IAsyncEnumerable<LogLine> ReadAsync(Stream body, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var reader = PipeReader.Create(body);
        var lines = new Lines[] { new(isError: false), new(isError: true) };
        var found = new List<LogLine>();
        bool? framed = null;
        var left = 0;
        var current = lines[0];
        while (true)
        {
            var read = await reader.ReadAsync(cancellationToken);
            var buffer = read.Buffer;
            while (!buffer.IsEmpty)
            {
                framed ??= buffer.FirstSpan[0] <= 2;
                if (framed.Value && left == 0)
                {
                    if (buffer.Length < HeadSize)
                    {
                        break;
                    }

                    (current, left) = Head(buffer, lines);
                    buffer = buffer.Slice(HeadSize);
                    continue;
                }

                var part = framed.Value ? buffer.Slice(0, Math.Min(left, buffer.Length)) : buffer;
                foreach (var memory in part)
                {
                    current.Add(memory.Span, found);
                }

                left -= framed.Value ? (int)part.Length : 0;
                buffer = buffer.Slice(part.End);
            }

            reader.AdvanceTo(buffer.Start, buffer.End);
            foreach (var line in found)
            {
                yield return line;
            }

            found.Clear();
            if (read.IsCompleted)
            {
                break;
            }
        }

        foreach (var rest in lines)
        {
            if (rest.TryFlush(out var line))
            {
                yield return line;
            }
        }
    }

    private static (Lines Current, int Left) Head(System.Buffers.ReadOnlySequence<byte> buffer, Lines[] lines)
    {
        Span<byte> head = stackalloc byte[HeadSize];
        System.Buffers.BuffersExtensions.CopyTo(buffer.Slice(0, HeadSize), head);
        var size = BinaryPrimitives.ReadUInt32BigEndian(head[4..]);
        return (lines[head[0] == 2 ? 1 : 0], (int)Math.Min(size, int.MaxValue));
    }

    /// <summary>Puts the bytes of one stream together to lines.</summary>
    private sealed class Lines(bool isError)
    {
        private readonly byte[] _line = new byte[MaxLine];
        private int _length;
        private long _cut;

        public void Add(ReadOnlySpan<byte> bytes, List<LogLine> found)
        {
            while (!bytes.IsEmpty)
            {
                var end = bytes.IndexOf((byte)'\n');
                var part = end < 0 ? bytes : bytes[..end];
                var kept = Math.Min(part.Length, MaxLine - _length);
                part[..kept].CopyTo(_line.AsSpan(_length));
                _length += kept;
                _cut += part.Length - kept;
                if (end < 0)
                {
                    return;
                }

                found.Add(Take());
                bytes = bytes[(end + 1)..];
            }
        }

        public bool TryFlush(out LogLine line)
        {
            line = default;
            if (_length == 0)
            {
                return false;
            }

            line = Take();
            return true;
        }

        private LogLine Take()
        {
            var text = Encoding.UTF8.GetString(_line, 0, _length).TrimEnd('\r').Replace('\r', ' ');
            var line = new LogLine(isError, _cut == 0 ? text : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{text} … {_cut} bytes cut"));
            _length = 0;
            _cut = 0;
            return line;
        }
    }
}
