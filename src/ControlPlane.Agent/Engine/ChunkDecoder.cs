namespace ControlPlane.Agent.Engine;

/// <summary>Takes the chunks of an HTTP/1.1 body apart, in place, whatever pieces it comes in.</summary>
internal sealed class ChunkDecoder
{
    private const int LongestLine = 4096;

    private State _state = State.Size;
    private long _left;
    private int _digits;
    private int _line;

    private enum State
    {
        Size,
        Extension,
        SizeEnd,
        Data,
        DataCr,
        DataEnd,
        Trailer,
        TrailerEnd,
        Done,
    }

    /// <summary>The last chunk and the trailer have been read.</summary>
    public bool IsDone => _state == State.Done;

    /// <summary>Moves the data among these bytes to their front.</summary>
    /// <returns>How many bytes of data there are.</returns>
    /// <exception cref="InvalidDataException">These are no chunks.</exception>
    public int Decode(Span<byte> bytes)
    {
        var written = 0;
        var at = 0;
        while (at < bytes.Length)
        {
            if (_state == State.Data)
            {
                var count = (int)Math.Min(_left, bytes.Length - at);
                bytes.Slice(at, count).CopyTo(bytes[written..]);
                at += count;
                written += count;
                _left -= count;
                _state = _left == 0 ? State.DataCr : State.Data;
            }
            else
            {
                Step(bytes[at++]);
            }
        }

        return written;
    }

    private void Step(byte next)
    {
        _state = (_state, next) switch
        {
            (State.Size, (byte)'\r') when _digits > 0 => State.SizeEnd,
            (State.Size, (byte)';' or (byte)' ') when _digits > 0 => State.Extension,
            (State.Size, _) => Digit(next),
            (State.Extension, (byte)'\r') => State.SizeEnd,
            (State.Extension, _) => Skip(State.Extension),
            (State.SizeEnd, (byte)'\n') => Sized(),
            (State.DataCr, (byte)'\r') => State.DataEnd,
            (State.DataEnd, (byte)'\n') => State.Size,
            (State.Trailer, (byte)'\r') => State.TrailerEnd,
            (State.Trailer, _) => Trail(),
            (State.TrailerEnd, (byte)'\n') => _digits == 0 ? State.Done : NextLine(),
            _ => throw Broken(),
        };
    }

    private State Digit(byte next)
    {
        var value = next switch
        {
            >= (byte)'0' and <= (byte)'9' => next - '0',
            >= (byte)'a' and <= (byte)'f' => next - 'a' + 10,
            >= (byte)'A' and <= (byte)'F' => next - 'A' + 10,
            _ => throw Broken(),
        };
        if (++_digits > 15)
        {
            throw Broken();
        }

        _left = (_left << 4) + value;
        return State.Size;
    }

    private State Sized()
    {
        _digits = 0;
        _line = 0;
        return _left > 0 ? State.Data : State.Trailer;
    }

    // In the trailer _digits counts the characters of the line.
    private State Trail()
    {
        _digits = 1;
        return Skip(State.Trailer);
    }

    private State NextLine()
    {
        _digits = 0;
        return State.Trailer;
    }

    private State Skip(State state) => ++_line > LongestLine ? throw Broken() : state;

    private static InvalidDataException Broken() => new("The chunks of the engine's answer are broken.");
}
