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
    private static readonly TimeSpan OpenDeadline = TimeSpan.FromSeconds(5);

    /// <summary>Beyond the agent's own deadline for the engine's answer.</summary>
    private static readonly TimeSpan ResponseDeadline = TimeSpan.FromSeconds(15);

    private readonly ConcurrentDictionary<string, TunnelPool> _pools = new(StringComparer.Ordinal);

    public bool HasRoom(NodeSession session) => !_pools.TryGetValue(session.SessionId, out var pool) || pool.HasRoom;

    /// <summary>Keeps a tunnel until it is of no use any more.</summary>
    public async Task ServeAsync(NodeSession session, TunnelChannel channel, CancellationToken aborted)
    {
        var pool = Pool(session);
        var tunnel = new PooledTunnel(channel);
        if (session.Ended.IsCancellationRequested || !pool.Add(tunnel))
        {
            return;
        }

        await using var _ = aborted.Register(channel.Abort);
        await channel.Closed;
        pool.Forget(tunnel);
    }

    public async Task<Result<TunnelReply>> OpenAsync(string nodeId, TunnelRequest request, CancellationToken cancellationToken)
    {
        if (links.Of(nodeId) is not NodeSession session)
        {
            return new UnavailableError("node.not_connected", "The node has no session with the server.");
        }

        var pool = Pool(session);

        // An idle tunnel may have died without a sign; each attempt uses one up, and the last ones are new.
        for (var attempt = 0; attempt < 3; attempt++)
        {
            if (await pool.TakeAsync(OpenDeadline, cancellationToken) is not { } tunnel)
            {
                return new UnavailableError("tunnel.unavailable", "The node has no free tunnel; it is busy or does not answer.");
            }

            var lease = new TunnelLease(pool, tunnel);
            try
            {
                return await RequestAsync(lease, request, cancellationToken);
            }
            catch (IOException)
            {
                lease.Drop();
            }
            catch (OperationCanceledException)
            {
                await lease.GiveUpAsync();
                if (cancellationToken.IsCancellationRequested)
                {
                    throw;
                }

                return new UnavailableError("tunnel.deadline", "The node did not answer in time.");
            }
        }

        return new UnavailableError("tunnel.unavailable", "The node's tunnels break.");
    }

    public Task<Result<ITunnelExchange>> BeginAsync(string nodeId, TunnelRequest request, CancellationToken cancellationToken) =>
        throw new NotSupportedException("bodies are on their way");

    private async Task<Result<TunnelReply>> RequestAsync(TunnelLease lease, TunnelRequest request, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(ResponseDeadline, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            var head = JsonSerializer.SerializeToUtf8Bytes(request, AgentJson.Default.TunnelRequest);
            await lease.Channel.SendAsync(TunnelFrame.Request, head, either.Token);
            await lease.Channel.SendEndAsync(either.Token);
        }
        catch (System.Net.WebSockets.WebSocketException exception)
        {
            throw new IOException("The tunnel broke.", exception);
        }

        var (kind, payload) = await lease.ReceiveAsync(either.Token);
        if (kind != TunnelFrame.Response || Read(payload.Span) is not { } response)
        {
            throw new IOException("The node did not begin with the head of an answer.");
        }

        return new TunnelReply(response, new TunnelBody(lease));
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
