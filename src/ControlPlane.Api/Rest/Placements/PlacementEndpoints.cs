using ControlPlane.Api.Rest.Conventions;
using ControlPlane.Contracts.Rest.Placements;
using ControlPlane.Core.Access;
using ControlPlane.Core.Identity;
using ControlPlane.Core.Placement.Simulation;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ControlPlane.Api.Rest.Placements;

/// <summary>What would go where, without doing it.</summary>
internal static class PlacementEndpoints
{
    public static void MapPlacements(this RouteGroupBuilder api)
    {
        var placements = api.MapGroup("/placements").WithTags("Placements");
        placements.MapPost("/simulate", SimulateAsync).WithName("SimulatePlacements").Accepts<SimulationRequest>("application/json")
            .RequirePermission(Permission.ContainersCreate);
        placements.MapGet("/rebalance", RebalanceAsync).WithName("PreviewRebalance").RequirePermission(Permission.NodesRead);
    }

    private static async Task<Results<Ok<SimulationView>, ProblemResult>> SimulateAsync(HttpContext context, Caller caller, PlacementSimulation simulation)
    {
        var body = await StrictBody.ReadAsync<SimulationRequest>(context);
        return body.IsSuccess
            ? (await simulation.RunAsync(caller, body.Value, context.RequestAborted)).ToHttp(TypedResults.Ok)
            : body.Error.ToProblem();
    }

    private static async Task<Results<Ok<RebalanceView>, ProblemResult>> RebalanceAsync(
        HttpContext context, Caller caller, RebalancePreview preview, int limit = RebalancePreview.DefaultLimit) =>
        (await preview.GetAsync(caller, limit, context.RequestAborted)).ToHttp(TypedResults.Ok);
}
