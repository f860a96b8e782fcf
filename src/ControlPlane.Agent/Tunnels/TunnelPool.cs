using ControlPlane.Agent.Hosting;
using ControlPlane.Contracts.Agents;
using ControlPlane.Contracts.Tunnels;
using Microsoft.Extensions.Logging;

namespace ControlPlane.Agent.Tunnels;

/// <summary>
/// The tunnels of one session: so many idle ones as the server asked for, and one more dialled for each that becomes busy. A warm
/// tunnel saves a request the two round trips of a new connection.
/// </summary>
internal sealed partial class TunnelPool(TunnelDialer dialer, AgentDeadlines deadlines, TimeProvider time, ILogger<TunnelPool> logger) : IAsyncDisposable
{
    private const int MostWarm = 8;

    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _ended = new();
    private readonly HashSet<Task> _tunnels = [];
    private string? _key;
    private int _warm;
    private int _idle;
    private int _open;

    public void Open(Welcome welcome)
    {
        lock (_gate)
        {
            _key = welcome.TunnelKey;
            _warm = Math.Clamp(welcome.WarmTunnels, 0, MostWarm);
        }

        Fill();
    }

    /// <summary>The server has run out of idle ones.</summary>
    public void OpenMore(int count) => Dial(Math.Clamp(count, 0, TunnelLimits.MaxPerNode));

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        Task[] left;
        lock (_gate)
        {
            left = [.. _tunnels];
        }

        await Task.WhenAll(left).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _ended.Dispose();
    }

    private void Fill()
    {
        int missing;
        lock (_gate)
        {
            missing = _warm - _idle;
        }

        Dial(missing);
    }

    private void Dial(int count)
    {
        lock (_gate)
        {
            for (var i = 0; i < count && _open < TunnelLimits.MaxPerNode && _key is not null && !_ended.IsCancellationRequested; i++)
            {
                _open++;
                _idle++;
                var tunnel = RunAsync(_key, _ended.Token);
                _tunnels.Add(tunnel);
                _ = ForgetAsync(tunnel);
            }
        }
    }

    private async Task ForgetAsync(Task tunnel)
    {
        await tunnel.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        lock (_gate)
        {
            _tunnels.Remove(tunnel);
        }
    }

    private async Task RunAsync(string key, CancellationToken cancellationToken)
    {
        await Task.Yield();
        var idle = true;
        try
        {
            using var channel = await dialer.DialAsync(key, cancellationToken);
            await dialer.Serve(channel).RunAsync(
                busy =>
                {
                    idle = !busy;
                    Count(idle: busy ? -1 : 1);
                },
                cancellationToken);
        }
        catch (Exception e)
        {
            if (!cancellationToken.IsCancellationRequested)
            {
                LogBroken(e.Message);
            }
        }

        if (idle && !cancellationToken.IsCancellationRequested)
        {
            // The server does not take tunnels now: no hurry.
            await Task.Delay(deadlines.ReconnectFirst, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        lock (_gate)
        {
            _open--;
        }

        Count(idle: idle ? -1 : 0);
    }

    private void Count(int idle)
    {
        lock (_gate)
        {
            _idle += idle;
        }

        Fill();
    }

    [LoggerMessage(LogLevel.Warning, "A tunnel broke: {Cause}")]
    private partial void LogBroken(string cause);
}
