using ControlPlane.Contracts.Tunnels;
using ControlPlane.Core.Nodes.Sessions;

namespace ControlPlane.Api.Agents.Tunnels;

/// <summary>The tunnels of one session: idle ones, busy ones, and who waits for one.</summary>
internal sealed class TunnelPool(NodeSession session, TimeProvider clock)
{
    private readonly Lock _gate = new();
    private readonly List<TunnelChannel> _idle = [];
    private readonly HashSet<TunnelChannel> _all = [];
    private readonly HashSet<TunnelChannel> _lasting = [];
    private readonly LinkedList<TaskCompletionSource<TunnelChannel?>> _waiting = [];
    private int _lastingAsked;
    private bool _closed;

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
    public bool Add(TunnelChannel channel)
    {
        lock (_gate)
        {
            if (_closed || _all.Count >= TunnelLimits.MaxPerNode)
            {
                return false;
            }

            _all.Add(channel);
        }

        Return(channel);
        return true;
    }

    /// <summary>Both directions have ended: whoever waits longest may have it.</summary>
    public void Return(TunnelChannel channel)
    {
        lock (_gate)
        {
            _lasting.Remove(channel);
            if (!_all.Contains(channel))
            {
                return;
            }

            while (_waiting.First is { } first)
            {
                _waiting.RemoveFirst();
                if (first.Value.TrySetResult(channel))
                {
                    return;
                }
            }

            _idle.Add(channel);
        }
    }

    /// <summary>Takes it out and cuts it.</summary>
    public void Remove(TunnelChannel channel)
    {
        Forget(channel);
        channel.Abort();
    }

    public void Forget(TunnelChannel channel)
    {
        lock (_gate)
        {
            _all.Remove(channel);
            _idle.Remove(channel);
            _lasting.Remove(channel);
        }
    }

    /// <summary>A tunnel, or null when none came in time.</summary>
    /// <param name="isLasting">It may be held for long: some are kept for those who come and go.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public async Task<TunnelChannel?> TakeAsync(bool isLasting, CancellationToken cancellationToken)
    {
        if (!isLasting)
        {
            return await TakeAnyAsync(cancellationToken);
        }

        lock (_gate)
        {
            if (_lasting.Count + _lastingAsked >= TunnelLimits.MaxLasting)
            {
                return null;
            }

            _lastingAsked++;
        }

        TunnelChannel? taken = null;
        try
        {
            taken = await TakeAnyAsync(cancellationToken);
            return taken;
        }
        finally
        {
            lock (_gate)
            {
                _lastingAsked--;
                if (taken is not null && _all.Contains(taken))
                {
                    _lasting.Add(taken);
                }
            }
        }
    }

    public void Close()
    {
        TunnelChannel[] all;
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

        foreach (var channel in all)
        {
            Remove(channel);
        }
    }

    private async Task<TunnelChannel?> TakeAnyAsync(CancellationToken cancellationToken)
    {
        TaskCompletionSource<TunnelChannel?> place;
        lock (_gate)
        {
            if (_closed)
            {
                return null;
            }

            // The youngest: the others may rest long enough to be closed.
            while (_idle.Count > 0)
            {
                var channel = _idle[^1];
                _idle.RemoveAt(_idle.Count - 1);
                if (channel.IsOpen)
                {
                    return channel;
                }
            }

            if (_all.Count + _waiting.Count >= TunnelLimits.MaxPerNode)
            {
                return null;
            }

            place = new TaskCompletionSource<TunnelChannel?>(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.AddLast(place);
        }

        try
        {
            await session.OpenTunnelsAsync(1, cancellationToken);
            return await place.Task.WaitAsync(TunnelDeadlines.Open, clock, cancellationToken);
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

    /// <summary>Stops waiting; the tunnel that came at the last moment, if one did.</summary>
    private Task<TunnelChannel?> LeaveAsync(TaskCompletionSource<TunnelChannel?> place)
    {
        lock (_gate)
        {
            _waiting.Remove(place);
            place.TrySetResult(null);
        }

        return place.Task;
    }
}
