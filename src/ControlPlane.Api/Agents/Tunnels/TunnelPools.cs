using System.Collections.Concurrent;
using System.Text.Json;
using ControlPlane.Contracts.Agents;
using ControlPlane.Contracts.Tunnels;
using ControlPlane.Core.Nodes.Links;
using ControlPlane.Core.Nodes.Sessions;
using ControlPlane.Core.Results;

namespace ControlPlane.Api.Agents.Tunnels;

/// <summary>The tunnels of all nodes. A node that hangs delays only the requests to itself.</summary>
internal sealed class TunnelPools(NodeLinks links, TimeProvider clock) : ITunnels
{
    private const int Attempts = 3;

    private readonly ConcurrentDictionary<string, TunnelPool> _pools = new(StringComparer.Ordinal);

    public bool HasRoom(NodeSession session) => !_pools.TryGetValue(session.SessionId, out var pool) || pool.HasRoom;

    /// <summary>Keeps a tunnel until it is of no use any more.</summary>
    public async Task ServeAsync(NodeSession session, TunnelChannel channel, CancellationToken aborted)
    {
        var pool = Pool(session);
        if (session.Ended.IsCancellationRequested || !pool.Add(channel))
        {
            return;
        }

        await using var _ = aborted.Register(channel.Abort);
        await channel.Closed;
        pool.Forget(channel);
    }

    public async Task<Result<TunnelReply>> OpenAsync(string nodeId, TunnelRequest request, CancellationToken cancellationToken)
    {
        var begun = await BeginAsync(nodeId, request, isWhole: true, cancellationToken);
        if (!begun.IsSuccess)
        {
            return begun.Error;
        }

        var exchange = begun.Value;
        try
        {
            var head = await exchange.HeadAsync(cancellationToken);
            return head.IsSuccess ? new TunnelReply(head.Value, exchange.Body) : head.Error;
        }
        catch (OperationCanceledException)
        {
            await exchange.DisposeAsync();
            throw;
        }
    }

    public Task<Result<ITunnelExchange>> BeginAsync(string nodeId, TunnelRequest request, CancellationToken cancellationToken) =>
        BeginAsync(nodeId, request, isWhole: false, cancellationToken);

    private async Task<Result<ITunnelExchange>> BeginAsync(string nodeId, TunnelRequest request, bool isWhole, CancellationToken cancellationToken)
    {
        if (links.Of(nodeId) is not NodeSession session)
        {
            return new UnavailableError("node.not_connected", "The node has no session with the server.");
        }

        var head = JsonSerializer.SerializeToUtf8Bytes(request, AgentJson.Default.TunnelRequest);
        if (head.Length > TunnelLimits.MaxHead)
        {
            return new InvalidError("$", $"The request must not be larger than {TunnelLimits.MaxHead} bytes.");
        }

        var pool = Pool(session);
        var isLasting = TunnelPaces.IsLasting(request);
        var isSilent = false;

        // An idle tunnel may have died without a sign; each attempt uses one up, and the last ones are new.
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            if (await pool.TakeAsync(isLasting, cancellationToken) is not { } channel)
            {
                return new UnavailableError("tunnel.unavailable", "The node has no free tunnel; it is busy or does not answer.");
            }

            try
            {
                if (await AskAsync(channel, head, isWhole, cancellationToken) is { } turn)
                {
                    return new TunnelExchange(pool, channel, turn, request);
                }

                isSilent = true;
            }
            catch (OperationCanceledException)
            {
                pool.Remove(channel);
                throw;
            }
            catch (IOException)
            {
                isSilent = false;
            }

            pool.Remove(channel);
        }

        return isSilent
            ? new UnavailableError("tunnel.deadline", "The node did not answer in time.")
            : new UnavailableError("tunnel.unavailable", "The node's tunnels break.");
    }

    /// <summary>Sends the head and waits for the agent's word that it is there; null when that does not come.</summary>
    private async Task<TunnelTurn?> AskAsync(TunnelChannel channel, byte[] head, bool isWhole, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(TunnelDeadlines.Accepted, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            var turn = await channel.BeginAsync(head, isWhole, either.Token);
            await turn.Accepted.WaitAsync(either.Token);
            return turn;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    private TunnelPool Pool(NodeSession session) => _pools.GetOrAdd(
        session.SessionId,
        static (_, state) =>
        {
            var pool = new TunnelPool(state.session, state.clock);
            if (!state.session.Ended.IsCancellationRequested)
            {
                state.session.Ended.UnsafeRegister(
                    _ =>
                    {
                        state.Item3._pools.TryRemove(state.session.SessionId, out var ended);
                        pool.Close();
                    },
                    null);
            }

            return pool;
        },
        (session, clock, this));
}
