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
        HttpContext context, ServerStart start, LeaderLease lease, DatabaseWatch watch, TimeProvider clock, CancellationToken cancellationToken)
    {
        context.Response.Headers.CacheControl = "no-store";
        if (!start.IsReady || lease.Epoch == 0)
        {
            return TypedResults.Json(new HealthAnswer("starting"), statusCode: StatusCodes.Status503ServiceUnavailable);
        }

        // By a connection of its own, since those of the pool may all be busy; but one for all probes of a moment: this is open to everybody.
        return await AnswersAsync(watch, clock, cancellationToken)
            ? TypedResults.Ok(new HealthAnswer("ready"))
            : TypedResults.Json(new HealthAnswer("database"), statusCode: StatusCodes.Status503ServiceUnavailable);
    }

    private static async Task<bool> AnswersAsync(DatabaseWatch watch, TimeProvider clock, CancellationToken cancellationToken)
    {
        try
        {
            return await watch.LookAsync().WaitAsync(Deadline, clock, cancellationToken);
        }
        catch (TimeoutException)
        {
            return false;
        }
    }
}

/// <summary><c>ready</c>, <c>live</c>, or what is missing.</summary>
internal sealed record HealthAnswer(string Status);
