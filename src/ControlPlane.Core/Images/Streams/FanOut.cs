using ControlPlane.Core.Results;

namespace ControlPlane.Core.Images.Streams;

/// <summary>
/// One body for several nodes: read once, a piece at a time, at the pace of the slowest that is not stuck. Two pieces are in memory, however
/// many nodes there are. A node that fails, answers early or takes nothing for its patience is left out; the others go on.
/// </summary>
internal static class FanOut
{
    private const int Piece = 64 * 1024;

    /// <returns>Each node's end, in the order given; null = good.</returns>
    public static async Task<IReadOnlyList<Error?>> RunAsync(
        IReadOnlyList<EngineStream> nodes, Stream source, Func<EngineStream, EngineLine, CancellationToken, ValueTask> take, CancellationToken cancellationToken)
    {
        // Answers are read while the body is sent: an engine that talks meanwhile would otherwise stop listening.
        using var scope = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var receivers = nodes.Select(node => new Receiver(node, node.AnswerAsync((line, token) => take(node, line, token), scope.Token))).ToList();
        try
        {
            await SendAsync(receivers, source, cancellationToken);
            return await Task.WhenAll(receivers.Select(receiver => receiver.EndAsync()));
        }
        finally
        {
            await scope.CancelAsync();
            foreach (var receiver in receivers)
            {
                await ((Task)receiver.Answer).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private static async Task SendAsync(List<Receiver> receivers, Stream source, CancellationToken cancellationToken)
    {
        var (piece, next) = (new byte[Piece], new byte[Piece]);
        var length = await source.ReadAsync(piece, cancellationToken);
        while (length > 0)
        {
            var data = piece.AsMemory(0, length);
            var reading = source.ReadAsync(next, cancellationToken).AsTask();
            try
            {
                await Task.WhenAll(receivers.Where(receiver => receiver.Listens).Select(receiver => receiver.WriteAsync(data, cancellationToken)));
            }
            finally
            {
                // Nobody else may read the body while this read is under way.
                await ((Task)reading).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            if (!receivers.Exists(receiver => receiver.Listens))
            {
                return;
            }

            length = await reading;
            (piece, next) = (next, piece);
        }

        await Task.WhenAll(receivers.Where(receiver => receiver.Listens).Select(receiver => receiver.FinishAsync(cancellationToken)));
    }

    private sealed class Receiver(EngineStream node, Task<Error?> answer)
    {
        private Error? _failed;

        public Task<Error?> Answer => answer;

        public bool Listens => _failed is null && !answer.IsCompleted;

        public async Task WriteAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken) => _failed = await node.WriteAsync(data, cancellationToken);

        public async Task FinishAsync(CancellationToken cancellationToken) => _failed = await node.EndAsync(cancellationToken);

        /// <summary>What the engine says counts before what was wrong with sending: it stops listening when it has refused.</summary>
        public async Task<Error?> EndAsync()
        {
            if (_failed is null)
            {
                return await answer;
            }

            return answer.IsCompletedSuccessfully && await answer is { } said ? said : _failed;
        }
    }
}
