using System.Buffers.Binary;
using System.Text;
using ControlPlane.Web.Logs;

namespace ControlPlane.Api.Tests.Web;

public sealed class LogFramesTests
{
    [Fact]
    public async Task Frames_become_lines_with_their_stream()
    {
        var lines = await ReadAsync([.. Frame(1, "2026-01-01T00:00:00Z one\n2026-01-01T00:00:01Z tw"), .. Frame(2, "2026-01-01T00:00:00Z bad\n"), .. Frame(1, "o\n")]);

        lines.ShouldBe([new LogLine(false, "2026-01-01T00:00:00Z one"), new LogLine(true, "2026-01-01T00:00:00Z bad"), new LogLine(false, "2026-01-01T00:00:01Z two")]);
    }

    [Fact]
    public async Task A_terminals_log_has_no_frames() =>
        (await ReadAsync(Encoding.UTF8.GetBytes("2026-01-01T00:00:00Z a\r\n2026-01-01T00:00:00Z b")))
            .ShouldBe([new LogLine(false, "2026-01-01T00:00:00Z a"), new LogLine(false, "2026-01-01T00:00:00Z b")]);

    [Fact]
    public async Task A_line_without_end_is_cut()
    {
        var line = (await ReadAsync([.. Frame(1, new string('x', 100_000)), .. Frame(1, "\nnext\n")]))[0];

        line.Text.Length.ShouldBeLessThan(LogFrames.MaxLine + 40);
        line.Text.ShouldEndWith($"{100_000 - LogFrames.MaxLine} bytes cut");
    }

    [Fact]
    public async Task Heads_and_letters_that_arrive_byte_by_byte_are_put_together() =>
        (await ReadAsync([.. Frame(1, "2 grün\n"), .. Frame(1, "2 ok\n")], oneByOne: true)).ShouldBe([new LogLine(false, "2 grün"), new LogLine(false, "2 ok")]);

    private static async Task<List<LogLine>> ReadAsync(byte[] bytes, bool oneByOne = false)
    {
        var lines = new List<LogLine>();
        await foreach (var line in LogFrames.ReadAsync(oneByOne ? new Trickle(bytes) : new MemoryStream(bytes), CancellationToken.None))
        {
            lines.Add(line);
        }

        return lines;
    }

    private static byte[] Frame(byte stream, string text)
    {
        var payload = Encoding.UTF8.GetBytes(text);
        var frame = new byte[8 + payload.Length];
        frame[0] = stream;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(4), payload.Length);
        payload.CopyTo(frame, 8);
        return frame;
    }

    private sealed class Trickle(byte[] bytes) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => base.ReadAsync(buffer[..1], cancellationToken);
    }
}
