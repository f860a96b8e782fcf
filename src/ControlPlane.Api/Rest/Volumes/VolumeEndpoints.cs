using ControlPlane.Api.Rest.Conventions;
using ControlPlane.Contracts.Rest;
using ControlPlane.Contracts.Rest.Nodes;
using ControlPlane.Contracts.Rest.Volumes;
using ControlPlane.Core.Access;
using ControlPlane.Core.Identity;
using ControlPlane.Core.Results;
using ControlPlane.Core.Volumes;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ControlPlane.Api.Rest.Volumes;

/// <summary>Volumes of the cluster.</summary>
internal static class VolumeEndpoints
{
    private static readonly string[] Sorts = ["name"];

    public static void MapVolumes(this RouteGroupBuilder api)
    {
        api.MapGet("/nodes/{id}/volumes", (HttpContext context, string id, Caller caller, VolumeQueries queries) => List(context, id, caller, queries))
            .WithName("ListNodeVolumes").TakesList([], Sorts).WithTags("Nodes").RequirePermission(Permission.VolumesRead);
        api.MapGet("/volumes", (HttpContext context, Caller caller, VolumeQueries queries) => List(context, null, caller, queries))
            .WithName("ListVolumes").TakesList([], Sorts).WithTags("Volumes").RequirePermission(Permission.VolumesRead);
        api.MapPost("/volumes", CreateAsync).WithName("CreateVolume").WithTags("Volumes").Accepts<VolumeCreateRequest>("application/json")
            .RequirePermission(Permission.VolumesCreate);
        api.MapGet("/volumes/{name}", Get).WithName("GetVolume").WithTags("Volumes").RequirePermission(Permission.VolumesRead);
        api.MapDelete("/volumes/{name}", RemoveAsync).WithName("RemoveVolume").WithTags("Volumes").RequirePermission(Permission.VolumesRemove);
    }

    private static Results<Ok<Page<VolumeView>>, ProblemResult> List(HttpContext context, string? node, Caller caller, VolumeQueries queries)
    {
        var query = ListQueries.Read(context);
        return query.IsSuccess
            ? queries.List(caller, node, ListRequests.From(query.Value)).ToHttp(page => ListQueries.ToHttp(context, page))
            : query.Error.ToProblem();
    }

    private static Results<Ok<VolumeView>, ProblemResult> Get(HttpContext context, string name, Caller caller, VolumeQueries queries) =>
        queries.View(caller, NodeParameter.With(context, name)).ToHttp(TypedResults.Ok);

    private static async Task<Results<Created<VolumeCreatedView>, ProblemResult>> CreateAsync(
        HttpContext context, Caller caller, VolumeCreation volumes, CancellationToken cancellationToken)
    {
        var body = await StrictBody.ReadAsync<VolumeCreateRequest>(context);
        if (!body.IsSuccess)
        {
            return body.Error.ToProblem();
        }

        return (await volumes.CreateAsync(caller, body.Value, cancellationToken)).ToHttp(made =>
            TypedResults.Created($"/api/v1/volumes/{made.Name}", new VolumeCreatedView(made.Name, made.Nodes, made.Failures)));
    }

    private static async Task<Results<NoContent, ProblemResult>> RemoveAsync(
        HttpContext context, string name, Caller caller, VolumeRemoval volumes, CancellationToken cancellationToken)
    {
        var force = false;
        if (context.Request.Query.TryGetValue("force", out var text) && !bool.TryParse(text.ToString(), out force))
        {
            return new InvalidError("force", "must be true or false").ToProblem();
        }

        return (await volumes.RemoveAsync(caller, NodeParameter.With(context, name), force, cancellationToken)).ToHttp();
    }
}
