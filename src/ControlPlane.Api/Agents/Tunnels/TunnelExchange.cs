using System.Text.Json;
using ControlPlane.Contracts.Agents;
using ControlPlane.Contracts.Tunnels;
using ControlPlane.Core.Nodes.Links;
using ControlPlane.Core.Results;

namespace ControlPlane.Api.Agents.Tunnels;

/// <summary>One request's hold on a tunnel: at the end of the answer the tunnel goes back; disposed before, the request is given up.</summary>
internal sealed class TunnelExchange : ITunnelExchange
{
    private readonly TunnelPool _pool;
    private readonly TunnelChannel _channel;
    private readonly TunnelTurn _turn;
    private readonly TimeSpan _patience;
    private readonly bool _takesOver;
    private long _quietSince;
    private int _over;

    /// <param name="pool">Where the tunnel goes back to.</param>
    /// <param name="channel">The tunnel.</param>
    /// <param name="turn">The request, on its way.</param>
    /// <param name="request">What it is.</param>
    public TunnelExchange(TunnelPool pool, TunnelChannel channel, TunnelTurn turn, TunnelRequest request)
    {
        _pool = pool;
        _channel = channel;
        _turn = turn;
        _patience = TunnelDeadlines.Head(TunnelPaces.Of(request));
        _takesOver = request is AttachContainer or StartExec;
        Body = new TunnelBody(this, turn);
        NodesTurn(_takesOver || turn.LocalEnded);
        if (!turn.LocalEnded)
        {
            _ = EndWithAnswerAsync();
        }
    }

    public Stream Body { get; }

    public async ValueTask WriteAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        try
        {
            while (!data.IsEmpty)
            {
                var part = data[..Math.Min(data.Length, TunnelLimits.MaxPayload)];
                NodesTurn(true);
                await _turn.SendDataAsync(part, cancellationToken);
                NodesTurn(_takesOver);
                data = data[part.Length..];
            }
        }
        catch (IOException) when (_turn.RemoteEnded)
        {
            // The answer is complete and says why nobody took the rest.
        }
    }

    public async Task EndAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _turn.SendEndAsync(cancellationToken);
            NodesTurn(true);
        }
        catch (IOException)
        {
            // What came before it broke is still to be read, and reading tells that it broke.
        }
    }

    public async Task<Result<TunnelResponse>> HeadAsync(CancellationToken cancellationToken)
    {
        var wait = _patience;
        while (true)
        {
            try
            {
                var head = await _turn.Head.WaitAsync(wait, _pool.Clock, cancellationToken);
                return Read(head.Span) is { } response ? response : await BrokenAsync("The node did not begin with the head of an answer.");
            }
            catch (TimeoutException)
            {
                // While bytes are being written, or the client brings none, the node owes nothing.
                wait = Interlocked.Read(ref _quietSince) is var since and not 0 ? _patience - _pool.Clock.GetElapsedTime(since) : _patience;
                if (wait <= TimeSpan.Zero)
                {
                    await FinishAsync();
                    return new UnavailableError("tunnel.deadline", "The node did not answer in time.");
                }
            }
            catch (IOException exception)
            {
                return await BrokenAsync(exception.Message);
            }
        }
    }

    public ValueTask DisposeAsync() => FinishAsync();

    /// <summary>The tunnel goes back when both directions have ended; else the agent is told to stop, and cut when it does not take that in time.</summary>
    public async ValueTask FinishAsync()
    {
        if (Interlocked.Exchange(ref _over, 1) != 0)
        {
            return;
        }

        _turn.Discard();
        using var deadline = new CancellationTokenSource(TunnelDeadlines.GiveUp, _pool.Clock);
        try
        {
            if (_turn.RemoteEnded)
            {
                await _turn.SendEndAsync(deadline.Token);
                _pool.Return(_channel);
                return;
            }

            _pool.Forget(_channel);
            await _channel.ResetAsync("", deadline.Token);
        }
        catch (Exception)
        {
            _pool.Remove(_channel);
        }
    }

    /// <summary>As <see cref="FinishAsync"/> where nothing can be awaited.</summary>
    public void Drop()
    {
        if (Interlocked.Exchange(ref _over, 1) == 0)
        {
            _turn.Discard();
            _pool.Remove(_channel);
        }
    }

    private static TunnelResponse? Read(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, AgentJson.Default.TunnelResponse);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private async Task<Result<TunnelResponse>> BrokenAsync(string why)
    {
        await FinishAsync();
        return new UnavailableError("tunnel.unavailable", $"The tunnel to the node broke: {why}");
    }

    private async Task EndWithAnswerAsync()
    {
        try
        {
            await _turn.Ended;
            await _turn.SendEndAsync(CancellationToken.None);
        }
        catch (Exception)
        {
            // Broken or given up: whoever reads or writes is told.
        }
    }

    private void NodesTurn(bool value) => Interlocked.Exchange(ref _quietSince, value ? _pool.Clock.GetTimestamp() : 0);
}
