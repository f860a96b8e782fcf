using ControlPlane.Api.Rest.Conventions;
using ControlPlane.Contracts.Rest.Operations;
using ControlPlane.Core.Access;
using ControlPlane.Core.Containers;
using ControlPlane.Core.Identity;
using ControlPlane.Core.Results;
using ControlPlane.Engine.Values;

namespace ControlPlane.Api.Rest.Containers;

/// <summary>The body of <c>POST /api/v1/containers/bulk</c>.</summary>
/// <param name="Action"><c>start stop restart kill pause unpause remove</c>.</param>
/// <param name="Ids">1 to 500 containers.</param>
/// <param name="TimeoutSeconds">Of stop and restart.</param>
/// <param name="Force">Of remove.</param>
/// <param name="Volumes">Of remove: anonymous volumes too.</param>
internal sealed record BulkRequest(string Action, IReadOnlyList<string> Ids, int? TimeoutSeconds = null, bool Force = false, bool Volumes = false);

/// <summary>Start, stop, restart, kill, pause, unpause; one or many.</summary>
internal static class ContainerActionEndpoints
{
    private const int MaxTimeout = 3600;

    public static void MapContainerActions(this RouteGroupBuilder containers)
    {
        foreach (var verb in new[] { "start", "stop", "restart", "kill", "pause", "unpause" })
        {
            containers.MapPost($"/{{id}}/{verb}", (HttpContext context, string id, Caller caller, ContainerActions actions) => RunAsync(context, verb, id, caller, actions))
                .WithName($"{char.ToUpperInvariant(verb[0])}{verb[1..]}Container")
                .RequirePermission(ContainerAction.PermissionOf(verb));
        }

        containers.MapPost("/bulk", BulkAsync).WithName("BulkContainers").Accepts<BulkRequest>("application/json")
            .Produces<OperationView>(StatusCodes.Status202Accepted).RequirePermission(Permission.ContainersRead);
    }

    private static async Task<IResult> RunAsync(HttpContext context, string verb, string id, Caller caller, ContainerActions actions)
    {
        var query = context.Request.Query;
        int? timeout = null;
        if (query.TryGetValue("timeout", out var text) && verb is "stop" or "restart")
        {
            if (!int.TryParse(text, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var seconds) || seconds > MaxTimeout)
            {
                return new InvalidError("timeout", $"must be 0 to {MaxTimeout} seconds").ToProblem();
            }

            timeout = seconds;
        }

        var signal = query.TryGetValue("signal", out var given) && verb == "kill" ? given.ToString() : "SIGKILL";
        var action = Read(verb, timeout, signal, false, false);
        if (!action.IsSuccess)
        {
            return action.Error.ToProblem();
        }

        return (await actions.RunAsync(caller, id, action.Value, null, context.RequestAborted)).ToHttp(TypedResults.Ok);
    }

    private static async Task<IResult> BulkAsync(HttpContext context, Caller caller, ContainerBulk bulk)
    {
        var body = await StrictBody.ReadAsync<BulkRequest>(context);
        if (!body.IsSuccess)
        {
            return body.Error.ToProblem();
        }

        var request = body.Value;
        if (request.TimeoutSeconds is < 0 or > MaxTimeout)
        {
            return new InvalidError("timeoutSeconds", $"must be 0 to {MaxTimeout}").ToProblem();
        }

        if (request.Ids.Any(id => id is null))
        {
            return new InvalidError("ids", "must not hold null").ToProblem();
        }

        var action = Read(request.Action, request.TimeoutSeconds, "SIGKILL", request.Force, request.Volumes);
        return action.IsSuccess
            ? (await bulk.StartAsync(caller, action.Value, request.Ids, context.RequestAborted))
                .ToHttp(operation => TypedResults.Accepted($"/api/v1/operations/{operation.Id}", operation))
            : action.Error.ToProblem();
    }

    private static Result<ContainerAction> Read(string verb, int? timeout, string signal, bool force, bool volumes) => verb switch
    {
        "start" => new ContainerAction.Start(),
        "stop" => new ContainerAction.Stop(timeout),
        "restart" => new ContainerAction.Restart(timeout),
        "kill" => Signal.TryParse(signal, out _) ? new ContainerAction.Kill(signal) : new InvalidError("signal", "must be a signal, such as SIGTERM or 15"),
        "pause" => new ContainerAction.Pause(),
        "unpause" => new ContainerAction.Unpause(),
        "remove" => new ContainerAction.Remove(force, volumes),
        _ => new InvalidError("action", "must be start, stop, restart, kill, pause, unpause or remove"),
    };
}
