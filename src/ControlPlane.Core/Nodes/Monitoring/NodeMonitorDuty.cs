using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ControlPlane.Core.Nodes.Monitoring;

/// <summary>Runs the node monitor's pass twice a second.</summary>
internal sealed partial class NodeMonitorDuty(NodeMonitor monitor, TimeProvider clock, ILogger<NodeMonitorDuty> logger) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Pause, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                monitor.Pass();
            }
            catch (Exception exception)
            {
                LogPassFailed(exception);
            }
        }
    }

    [LoggerMessage(LogLevel.Error, "A pass over the nodes failed; the next one follows.")]
    private partial void LogPassFailed(Exception exception);
}
