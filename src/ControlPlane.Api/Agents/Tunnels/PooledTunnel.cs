using ControlPlane.Contracts.Tunnels;

namespace ControlPlane.Api.Agents.Tunnels;

/// <summary>
/// A tunnel of a pool. While idle one frame is being waited for: that notices a connection that goes away, and is the first frame of
/// the next answer.
/// </summary>
internal sealed class PooledTunnel(TunnelChannel channel)
{
    private Task<(TunnelFrame Kind, ReadOnlyMemory<byte> Payload)>? _first;

    public TunnelChannel Channel { get; } = channel;

    /// <summary>Begins to listen; <paramref name="broke"/> is called when anything comes before a request was sent.</summary>
    public void Listen(Action<PooledTunnel> broke)
    {
        Channel.Renew();
        var first = Channel.ReceiveAsync(CancellationToken.None).AsTask();
        _first = first;
        _ = first.ContinueWith(_ => broke(this), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    public async ValueTask<(TunnelFrame Kind, ReadOnlyMemory<byte> Payload)> ReceiveAsync(CancellationToken cancellationToken)
    {
        if (_first is { } first)
        {
            var frame = await first.WaitAsync(cancellationToken);
            _first = null;
            return frame;
        }

        return await Channel.ReceiveAsync(cancellationToken);
    }
}
