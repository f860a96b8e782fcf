namespace ControlPlane.Contracts.Tunnels;

/// <summary>Bytes that may be sent before the other side has taken more.</summary>
internal sealed class TunnelWindow(TunnelChannel channel)
{
    private readonly Lock _gate = new();
    private long _left = TunnelLimits.Window;
    private TaskCompletionSource? _more;

    /// <summary>Waits until some of so many bytes may be sent; 0 when nobody wants them any more.</summary>
    public async ValueTask<int> TakeAsync(TunnelTurn turn, int wanted, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task more;
            lock (_gate)
            {
                if (channel.IsUnwanted(turn))
                {
                    return 0;
                }

                if (channel.Broken.IsCancellationRequested)
                {
                    throw new IOException("The tunnel broke.");
                }

                if (_left > 0)
                {
                    var taken = (int)Math.Min(wanted, _left);
                    _left -= taken;
                    return taken;
                }

                more = (_more ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
            }

            await more.WaitAsync(cancellationToken);
        }
    }

    /// <summary>All of so many bytes may be sent, now.</summary>
    public bool TryTake(int wanted)
    {
        lock (_gate)
        {
            if (_left < wanted)
            {
                return false;
            }

            _left -= wanted;
            return true;
        }
    }

    /// <summary>Bytes that were not sent after all, or that the other side has taken; 0 makes those who wait look again.</summary>
    public void Add(long count)
    {
        TaskCompletionSource? waiting;
        lock (_gate)
        {
            _left += count;
            waiting = _more;
            _more = null;
        }

        waiting?.TrySetResult();
    }
}
