using ControlPlane.Contracts.Tunnels;

namespace ControlPlane.Api.Agents.Tunnels;

/// <summary>One request's hold on a tunnel.</summary>
internal sealed class TunnelLease(TunnelPool pool, PooledTunnel tunnel)
{
    private int _over;

    public TunnelChannel Channel => tunnel.Channel;

    public async ValueTask<(TunnelFrame Kind, ReadOnlyMemory<byte> Payload)> ReceiveAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await tunnel.ReceiveAsync(cancellationToken);
        }
        catch (Exception)
        {
            // Broken, or cancelled in the middle of a frame: of no use to anybody else.
            Drop();
            throw;
        }
    }

    /// <summary>Both directions have ended: the next request may have it.</summary>
    public void Return()
    {
        if (Interlocked.Exchange(ref _over, 1) != 0)
        {
            return;
        }

        if (tunnel.Channel is { LocalEnded: true, RemoteEnded: true, IsOpen: true })
        {
            pool.Return(tunnel);
        }
        else
        {
            pool.Remove(tunnel);
        }
    }

    /// <summary>Tells the agent to stop; cuts when it does not take that in time.</summary>
    public async ValueTask GiveUpAsync()
    {
        if (Interlocked.Exchange(ref _over, 1) != 0)
        {
            return;
        }

        pool.Forget(tunnel);
        try
        {
            using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(1), pool.Clock);
            await tunnel.Channel.ResetAsync(deadline.Token);
        }
        catch (Exception)
        {
            tunnel.Channel.Abort();
        }
    }

    public void Drop()
    {
        if (Interlocked.Exchange(ref _over, 1) == 0)
        {
            pool.Remove(tunnel);
        }
    }
}
