using ControlPlane.Agent.Engine;
using ControlPlane.Agent.Hosting;
using Microsoft.Extensions.Logging;

namespace ControlPlane.Agent.Inventory;

/// <summary>Pings the engine beside everything else, so that a hung engine is seen and delays nobody.</summary>
internal sealed partial class EngineHealth(
    EngineSocket socket, InventoryStore store, AgentDeadlines deadlines, TimeProvider time, ILogger<EngineHealth> logger) : IDisposable
{
    private readonly SemaphoreSlim _now = new(0, 1);

    /// <summary>Does not wait for the next ping's turn.</summary>
    public void CheckNow()
    {
        try
        {
            _now.Release();
        }
        catch (SemaphoreFullException)
        {
            // Already asked for.
        }
    }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            await PingAsync(cancellationToken);
            try
            {
                await _now.WaitAsync(deadlines.EnginePingPeriod, cancellationToken);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
        }
    }

    public void Dispose() => _now.Dispose();

    private async Task PingAsync(CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(deadlines.EnginePing, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        bool up;
        try
        {
            up = await socket.PingAsync(both.Token);
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            up = false;
        }
        catch (OperationCanceledException)
        {
            return;
        }

        if (up != store.EngineUp)
        {
            // An engine that answers again counts as up once it has been read; until then only a known one may come back by its ping.
            if (up && !store.IsKnown)
            {
                return;
            }

            store.SetEngineUp(up);
            if (up)
            {
                LogUp();
            }
            else
            {
                LogDown();
            }
        }
    }

    [LoggerMessage(LogLevel.Information, "The engine answers.")]
    private partial void LogUp();

    [LoggerMessage(LogLevel.Warning, "The engine does not answer.")]
    private partial void LogDown();
}
