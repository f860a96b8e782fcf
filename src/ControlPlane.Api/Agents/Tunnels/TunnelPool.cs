using ControlPlane.Contracts.Tunnels;
using ControlPlane.Core.Nodes.Sessions;

namespace ControlPlane.Api.Agents.Tunnels;

/// <summary>The tunnels of one session: idle ones, busy ones, and who waits for one.</summary>
internal sealed class TunnelPool(NodeSession session, TimeProvider clock)
{
    private readonly Lock _gate = new();
    private readonly List<PooledTunnel> _idle = [];
    private readonly HashSet<PooledTunnel> _all = [];
    private readonly LinkedList<TaskCompletionSource<PooledTunnel?>> _waiting = [];
    private bool _closed;

    public NodeSession Session => session;

    public TimeProvider Clock => clock;

    public bool HasRoom
    {
        get
        {
            lock (_gate)
            {
                return !_closed && _all.Count < TunnelLimits.MaxPerNode;
            }
        }
    }

    /// <summary>False when there are enough or the session is over.</summary>
    public bool Add(PooledTunnel tunnel)
    {
        lock (_gate)
        {
            if (_closed || _all.Count >= TunnelLimits.MaxPerNode)
            {
                return false;
            }

            _all.Add(tunnel);
        }

        Return(tunnel);
        return true;
    }

    public void Return(PooledTunnel tunnel)
    {
        tunnel.Listen(BrokeWhileIdle);
        TaskCompletionSource<PooledTunnel?>? next = null;
        lock (_gate)
        {
            if (!_all.Contains(tunnel))
            {
                return;
            }

            while (_waiting.First is { } first)
            {
                _waiting.RemoveFirst();
                if (first.Value.TrySetResult(tunnel))
                {
                    next = first.Value;
                    break;
                }
            }

            if (next is null)
            {
                _idle.Add(tunnel);
            }
        }
    }

    /// <summary>Takes it out and cuts it.</summary>
    public void Remove(PooledTunnel tunnel)
    {
        Forget(tunnel);
        tunnel.Channel.Abort();
    }

    public void Forget(PooledTunnel tunnel)
    {
        lock (_gate)
        {
            _all.Remove(tunnel);
            _idle.Remove(tunnel);
        }
    }

    /// <summary>A tunnel, or null when none came in time.</summary>
    public async Task<PooledTunnel?> TakeAsync(TimeSpan deadline, CancellationToken cancellationToken)
    {
        TaskCompletionSource<PooledTunnel?> place;
        lock (_gate)
        {
            if (_closed)
            {
                return null;
            }

            // The youngest: the others may rest long enough to be closed.
            while (_idle.Count > 0)
            {
                var tunnel = _idle[^1];
                _idle.RemoveAt(_idle.Count - 1);
                if (tunnel.Channel.IsOpen)
                {
                    return tunnel;
                }
            }

            if (_all.Count + _waiting.Count >= TunnelLimits.MaxPerNode)
            {
                return null;
            }

            place = new TaskCompletionSource<PooledTunnel?>(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.AddLast(place);
        }

        try
        {
            await session.OpenTunnelsAsync(1, cancellationToken);
            return await place.Task.WaitAsync(deadline, clock, cancellationToken);
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            return await LeaveAsync(place);
        }
        catch (OperationCanceledException)
        {
            if (await LeaveAsync(place) is { } late)
            {
                Return(late);
            }

            throw;
        }
    }

    public void Close()
    {
        PooledTunnel[] all;
        lock (_gate)
        {
            _closed = true;
            all = [.. _all];
            foreach (var waiting in _waiting)
            {
                waiting.TrySetResult(null);
            }

            _waiting.Clear();
        }

        foreach (var tunnel in all)
        {
            Remove(tunnel);
        }
    }

    /// <summary>Stops waiting; the tunnel that came at the last moment, if one did.</summary>
    private Task<PooledTunnel?> LeaveAsync(TaskCompletionSource<PooledTunnel?> place)
    {
        lock (_gate)
        {
            _waiting.Remove(place);
            place.TrySetResult(null);
        }

        return place.Task;
    }

    private void BrokeWhileIdle(PooledTunnel tunnel)
    {
        bool idle;
        lock (_gate)
        {
            idle = _idle.Remove(tunnel);
        }

        // Busy: the frame belongs to the request, which sees for itself.
        if (idle)
        {
            Remove(tunnel);
        }
    }
}
