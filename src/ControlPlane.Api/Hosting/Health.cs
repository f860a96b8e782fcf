using ControlPlane.Core.Data;
using ControlPlane.Core.Identity;
using ControlPlane.Core.Leadership;
using Microsoft.EntityFrameworkCore;

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
        HttpContext context, ServerStart start, LeaderLease lease, IDbContextFactory<ControlPlaneDb> databases, TimeProvider clock, CancellationToken cancellationToken)
    {
        context.Response.Headers.CacheControl = "no-store";
        if (!start.IsReady || lease.Epoch == 0)
        {
            return TypedResults.Json(new HealthAnswer("starting"), statusCode: StatusCodes.Status503ServiceUnavailable);
        }

        using var deadline = new CancellationTokenSource(Deadline, clock);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        return await IsReachableAsync(databases, linked.Token)
            ? TypedResults.Ok(new HealthAnswer("ready"))
            : TypedResults.Json(new HealthAnswer("database"), statusCode: StatusCodes.Status503ServiceUnavailable);
    }

    private static async Task<bool> IsReachableAsync(IDbContextFactory<ControlPlaneDb> databases, CancellationToken cancellationToken)
    {
        try
        {
            await using var db = await databases.CreateDbContextAsync(cancellationToken);
            // Off this thread: SQLite waits for its lock synchronously.
            return await Task.Run(() => db.Leases.AsNoTracking().AnyAsync(cancellationToken), cancellationToken).WaitAsync(cancellationToken);
        }
        catch (Exception error) when (error is OperationCanceledException or System.Data.Common.DbException or InvalidOperationException or TimeoutException)
        {
            return false;
        }
    }
}

/// <summary><c>ready</c>, <c>live</c>, or what is missing.</summary>
internal sealed record HealthAnswer(string Status);
