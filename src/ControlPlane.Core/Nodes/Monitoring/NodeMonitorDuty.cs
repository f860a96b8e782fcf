using ControlPlane.Core.Leadership;

namespace ControlPlane.Core.Nodes.Monitoring;

/// <summary>Runs the node monitor's pass twice a second.</summary>
internal sealed class NodeMonitorDuty(NodeMonitor monitor, TimeProvider clock) : IDuty
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Pause, clock);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            monitor.Pass();
        }
    }
}
