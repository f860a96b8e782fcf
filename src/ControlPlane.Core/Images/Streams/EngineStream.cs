using ControlPlane.Contracts.Tunnels;
using ControlPlane.Core.Nodes.Links;
using ControlPlane.Core.Results;

namespace ControlPlane.Core.Images.Streams;

/// <summary>
/// A request to one node that is answered with JSON lines. While the body is being sent the client sets the pace; after its end the node has
/// to say something within the patience, again and again.
/// </summary>
internal sealed class EngineStream : IAsyncDisposable
{
    private const int LongestLine = 256 * 1024;

    private readonly ITunnelExchange _exchange;
    private readonly TimeSpan _patience;
    private readonly TimeSpan _sendPatience;
    private readonly TimeProvider _clock;
    private readonly CancellationTokenSource _silence;
    private volatile bool _sent;
    private long _heard;

    private EngineStream(string node, ITunnelExchange exchange, TimeSpan patience, TimeSpan sendPatience, TimeProvider clock)
    {
        Node = node;
        _exchange = exchange;
        _patience = patience;
        _sendPatience = sendPatience;
        _clock = clock;
        _silence = new CancellationTokenSource(Timeout.InfiniteTimeSpan, clock);
        _heard = clock.GetTimestamp();
    }

    /// <summary>Name of the node.</summary>
    public string Node { get; }

    /// <summary>How long the node has said nothing.</summary>
    public TimeSpan Silent => _clock.GetElapsedTime(Interlocked.Read(ref _heard));

    /// <param name="tunnels">The way.</param>
    /// <param name="nodeId">Which node.</param>
    /// <param name="node">Its name.</param>
    /// <param name="request">What for.</param>
    /// <param name="patience">How long the node may say nothing once everything has been sent.</param>
    /// <param name="sendPatience">How long the node may take nothing.</param>
    /// <param name="clock">For both.</param>
    /// <param name="cancellationToken">The client has gone.</param>
    public static async Task<Result<EngineStream>> BeginAsync(
        ITunnels tunnels, string nodeId, string node, TunnelRequest request, TimeSpan patience, TimeSpan sendPatience, TimeProvider clock, CancellationToken cancellationToken)
    {
        var begun = await tunnels.BeginAsync(nodeId, request, cancellationToken);
        return begun.IsSuccess ? new EngineStream(node, begun.Value, patience, sendPatience, clock) : EngineAnswers.Named(node, begun.Error);
    }

    /// <summary>Sends a piece of the body. Null when the node took it.</summary>
    public Task<Error?> WriteAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken) =>
        SendAsync(token => _exchange.WriteAsync(data, token), cancellationToken);

    /// <summary>No more comes. From now on silence counts.</summary>
    public async Task<Error?> EndAsync(CancellationToken cancellationToken)
    {
        var error = await SendAsync(async token => await _exchange.EndAsync(token), cancellationToken);
        Interlocked.Exchange(ref _heard, _clock.GetTimestamp());
        _sent = true;
        _silence.CancelAfter(_patience);
        return error;
    }

    /// <summary>
    /// Reads the answer to its end. Null when it was good; a line that says an error is one, and is not handed on. To be called once, while
    /// the body is being sent.
    /// </summary>
    public async Task<Error?> AnswerAsync(Func<EngineLine, CancellationToken, ValueTask> take, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(_silence.Token, cancellationToken);
        try
        {
            var head = await _exchange.HeadAsync(either.Token);
            Heard();
            if (!head.IsSuccess)
            {
                return EngineAnswers.Named(Node, head.Error);
            }

            return EngineAnswers.IsGood(head.Value)
                ? await LinesAsync(take, either.Token, cancellationToken)
                : await EngineAnswers.ErrorAsync(Node, head.Value, _exchange.Body, _clock, cancellationToken);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return EngineAnswers.Silent(Node, _patience);
        }
        catch (IOException broken)
        {
            return EngineAnswers.Broken(Node, broken.Message);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _silence.Dispose();
        await _exchange.DisposeAsync();
    }

    private async Task<Error?> LinesAsync(Func<EngineLine, CancellationToken, ValueTask> take, CancellationToken reading, CancellationToken cancellationToken)
    {
        var buffer = new byte[16 * 1024];
        int start = 0, end = 0;
        Error? error = null;
        while (true)
        {
            var cut = buffer.AsSpan(start, end - start).IndexOf((byte)'\n');
            if (cut >= 0)
            {
                error = await TakeAsync(buffer.AsMemory(start, cut), take, cancellationToken) ?? error;
                start += cut + 1;
                continue;
            }

            if (start > 0)
            {
                buffer.AsSpan(start, end - start).CopyTo(buffer);
                (start, end) = (0, end - start);
            }

            if (end == buffer.Length)
            {
                if (buffer.Length >= LongestLine)
                {
                    return EngineAnswers.Broken(Node, "a line of its answer is too long");
                }

                Array.Resize(ref buffer, buffer.Length * 2);
            }

            Expect();
            var read = await _exchange.Body.ReadAsync(buffer.AsMemory(end), reading);
            Heard();
            if (read == 0)
            {
                return end > 0 ? await TakeAsync(buffer.AsMemory(0, end), take, cancellationToken) ?? error : error;
            }

            end += read;
        }
    }

    private async ValueTask<Error?> TakeAsync(ReadOnlyMemory<byte> bytes, Func<EngineLine, CancellationToken, ValueTask> take, CancellationToken cancellationToken)
    {
        if (bytes.Span.Trim(" \t\r"u8).IsEmpty)
        {
            return null;
        }

        // A copy: the line is kept beyond the buffer.
        var line = EngineLine.Read(bytes.Span.TrimEnd((byte)'\r').ToArray());
        if (line.Error is { } message)
        {
            return EngineAnswers.OfLine(Node, message);
        }

        await take(line, cancellationToken);
        return null;
    }

    private void Expect()
    {
        if (_sent)
        {
            _silence.CancelAfter(_patience);
        }
    }

    /// <summary>What follows may be waiting for a slow client, which is not the node's fault.</summary>
    private void Heard()
    {
        Interlocked.Exchange(ref _heard, _clock.GetTimestamp());
        _silence.CancelAfter(Timeout.InfiniteTimeSpan);
    }

    private async Task<Error?> SendAsync(Func<CancellationToken, ValueTask> send, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(_sendPatience, _clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            await send(either.Token);
            return null;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new UnavailableError("node.stuck", string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Node} took nothing for {_sendPatience.TotalSeconds:0} s and was given up."));
        }
        catch (IOException broken)
        {
            return EngineAnswers.Broken(Node, broken.Message);
        }
    }
}
