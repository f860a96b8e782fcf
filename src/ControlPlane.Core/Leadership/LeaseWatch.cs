using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ControlPlane.Core.Leadership;

/// <summary>
/// Two servers on one database would place containers against each other: whoever started later leads, and the earlier one ends as
/// soon as it sees that. While the database is away nobody can take the lease and nothing can be written, so it goes on.
/// </summary>
public sealed partial class LeaseWatch(LeaderLease lease, IHostApplicationLifetime lifetime, TimeProvider clock, ILogger<LeaseWatch> logger) : IDuty
{
    // One row by its key.
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(2);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Period, clock);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            if (await lease.SuccessorAsync(cancellationToken) is { } successor)
            {
                LogLost(successor.Holder, successor.Epoch, lease.Epoch);
                lifetime.StopApplication();
                return;
            }
        }
    }

    [LoggerMessage(LogLevel.Critical, "Another server ({Holder}) uses this database since epoch {Epoch}; this one has epoch {Own} and ends. One server per database.")]
    private partial void LogLost(string holder, long epoch, long own);
}
