using ControlPlane.Core.Data.Faults;
using ControlPlane.Core.Identity;
using ControlPlane.Core.Leadership;

namespace ControlPlane.Api.Hosting;

/// <summary>For load balancers and the launcher: open, and says nothing about the inside.</summary>
internal static class Health
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(2);

    public static void MapHealth(this WebApplication app)
    {
        var group = app.MapGroup("/healthz").Open("probes have no account").ExcludeFromDescription();
        group.MapGet("/live", () => TypedResults.Ok(new HealthAnswer("live")));
        group.MapGet("/ready", ReadyAsync);
    }

    private static async Task<IResult> ReadyAsync(
        HttpContext context, ServerStart start, LeaderLease lease, DatabasePlace database, DatabaseWatch watch, TimeProvider clock, CancellationToken cancellationToken)
    {
        context.Response.Headers.CacheControl = "no-store";
        if (!start.IsReady || lease.Epoch == 0)
        {
            return TypedResults.Json(new HealthAnswer("starting"), statusCode: StatusCodes.Status503ServiceUnavailable);
        }

        using var deadline = new CancellationTokenSource(Deadline, clock);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        return await IsReachableAsync(database, watch, linked.Token)
            ? TypedResults.Ok(new HealthAnswer("ready"))
            : TypedResults.Json(new HealthAnswer("database"), statusCode: StatusCodes.Status503ServiceUnavailable);
    }

    private static async Task<bool> IsReachableAsync(DatabasePlace database, DatabaseWatch watch, CancellationToken cancellationToken)
    {
        try
        {
            // While it is known to hang one probe is enough for everybody. Otherwise by a connection of its own: those of the pool may all
            // be busy. Off this thread: SQLite waits for its lock synchronously.
            return watch.IsSuspect
                ? await watch.AnswersAsync().AsTask().WaitAsync(cancellationToken)
                : await Task.Run(() => database.ProbeAsync(cancellationToken), cancellationToken).WaitAsync(cancellationToken).ContinueWith(
                    static probed => probed.IsCompletedSuccessfully, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}

/// <summary><c>ready</c>, <c>live</c>, or what is missing.</summary>
internal sealed record HealthAnswer(string Status);
