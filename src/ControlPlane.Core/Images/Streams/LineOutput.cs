namespace ControlPlane.Core.Images.Streams;

/// <summary>Takes a piece of an answer; waits while the client does not take it.</summary>
/// <param name="bytes">Whole lines; good until the task ends.</param>
/// <param name="cancellationToken">The client has gone.</param>
public delegate ValueTask LineSink(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken);

/// <summary>
/// One stream of lines out of those of several nodes. A slow client holds the nodes' readers back one by one, so that no more than a line of
/// each is in memory.
/// </summary>
internal sealed class LineOutput(LineSink sink) : IDisposable
{
    private static readonly byte[] End = "\r\n"u8.ToArray();

    private readonly SemaphoreSlim _turn = new(1, 1);

    /// <summary>Something was written: the answer has its status, errors are lines from now on.</summary>
    public bool Begun { get; private set; }

    public async ValueTask WriteAsync(EngineLine line, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            Begun = true;
            var bytes = new byte[line.Raw.Length + End.Length];
            line.Raw.CopyTo(bytes);
            End.CopyTo(bytes, line.Raw.Length);
            await sink(bytes, cancellationToken);
        }
        catch (IOException broken)
        {
            // Not to be taken for a node's broken connection.
            throw new ClientGoneException(broken);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>A failure: the answer itself while nothing has been written, else the last line.</summary>
    public async ValueTask<Results.Error?> EndAsync(Results.Error? error, CancellationToken cancellationToken)
    {
        if (error is null || !Begun)
        {
            return error;
        }

        await WriteAsync(EngineLine.OfError(error.Message), cancellationToken);
        return null;
    }

    public void Dispose() => _turn.Dispose();
}

/// <summary>The client took nothing more in the middle of an answer.</summary>
internal sealed class ClientGoneException(Exception inner) : Exception("The client went away.", inner);
