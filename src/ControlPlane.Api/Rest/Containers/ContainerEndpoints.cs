using ControlPlane.Api.Rest.Conventions;
using ControlPlane.Contracts.Rest;
using ControlPlane.Contracts.Rest.Containers;
using ControlPlane.Contracts.Rest.Operations;
using ControlPlane.Core;
using ControlPlane.Core.Access;
using ControlPlane.Core.Containers;
using ControlPlane.Core.Identity;
using ControlPlane.Core.Results;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace ControlPlane.Api.Rest.Containers;

/// <summary>Containers: list, read, create, change, remove.</summary>
internal static class ContainerEndpoints
{
    private static readonly string[] Filters = ["state", "node", "label", "image", "health", "collection", "managed"];

    public static void MapContainers(this RouteGroupBuilder api)
    {
        var containers = api.MapGroup("/containers").WithTags("Containers");
        containers.MapGet("/", List).WithName("ListContainers").TakesList(Filters, ContainerFilter.SortKeys).RequirePermission(Permission.ContainersRead);
        containers.MapPost("/", CreateAsync).WithName("CreateContainer").Accepts<ContainerCreateRequest>("application/json")
            .Produces<ContainerView>(StatusCodes.Status201Created).Produces<OperationView>(StatusCodes.Status202Accepted)
            .RequirePermission(Permission.ContainersCreate);
        containers.MapGet("/{id}", GetAsync).WithName("GetContainer").RequirePermission(Permission.ContainersRead);
        containers.MapGet("/{id}/placement", PlacementAsync).WithName("GetContainerPlacement").RequirePermission(Permission.ContainersRead);
        containers.MapPatch("/{id}", UpdateAsync).WithName("UpdateContainer").Accepts<ContainerUpdateRequest>("application/json", "application/merge-patch+json")
            .RequirePermission(Permission.ContainersUpdate);
        containers.MapPost("/{id}/rename", RenameAsync).WithName("RenameContainer").Accepts<ContainerRenameRequest>("application/json")
            .RequirePermission(Permission.ContainersRename);
        containers.MapDelete("/{id}", RemoveAsync).WithName("RemoveContainer").RequirePermission(Permission.ContainersRemove);
        containers.MapContainerActions();
        containers.MapContainerStreams();
    }

    private static Results<Ok<Page<ContainerView>>, ProblemResult> List(HttpContext context, Caller caller, ContainerQueries queries)
    {
        var query = ListQueries.Read(context);
        if (!query.IsSuccess)
        {
            return query.Error.ToProblem();
        }

        var asked = query.Value;
        bool? managed = null;
        if (asked.Filter("managed") is [var text, ..])
        {
            if (!bool.TryParse(text, out var parsed))
            {
                return new InvalidError("managed", "must be true or false").ToProblem();
            }

            managed = parsed;
        }

        var filter = new ContainerFilter
        {
            List = ListRequests.From(asked),
            States = asked.Filter("state"),
            Nodes = asked.Filter("node"),
            Labels = asked.Filter("label"),
            Images = asked.Filter("image"),
            Health = asked.Filter("health"),
            Managed = managed,
        };
        return queries.List(caller, filter).ToHttp(page => ListQueries.ToHttp(context, page));
    }

    private static async Task<IResult> CreateAsync(
        HttpContext context, Caller caller, ContainerCreation creation, IOptions<DeadlineOptions> deadlines, bool dryRun = false)
    {
        var body = await StrictBody.ReadAsync<ContainerCreateRequest>(context);
        if (!body.IsSuccess)
        {
            return body.Error.ToProblem();
        }

        if (dryRun)
        {
            return (await creation.PlanAsync(caller, body.Value, context.RequestAborted)).ToHttp(TypedResults.Ok);
        }

        var wait = Prefer.Wait(context) ?? TimeSpan.FromSeconds(deadlines.Value.CreateAnswerSeconds);
        var created = await creation.CreateAsync(caller, body.Value, wait, context.RequestAborted);
        if (!created.IsSuccess)
        {
            return created.Error.ToProblem();
        }

        if (created.Value.Container is { } container)
        {
            context.Response.Headers.ETag = Preconditions.ETag(container.Revision);
            return TypedResults.Created($"/api/v1/containers/{container.Id}", container);
        }

        return TypedResults.Accepted($"/api/v1/operations/{created.Value.Operation.Id}", created.Value.Operation);
    }

    private static async Task<IResult> GetAsync(HttpContext context, string id, Caller caller, ContainerQueries queries)
    {
        var found = await queries.GetWithPlacementAsync(caller, id, context.RequestAborted);
        if (!found.IsSuccess)
        {
            return found.Error.ToProblem();
        }

        // The ETag is the intent's version; the body also holds observed state, so it never stands in for a 304.
        context.Response.Headers.ETag = Preconditions.ETag(found.Value.Revision);
        return TypedResults.Ok(found.Value);
    }

    private static async Task<Results<Ok<PlacementView>, ProblemResult>> PlacementAsync(
        HttpContext context, string id, Caller caller, PlacementQueries queries, bool now = false, int limit = PlacementQuestion.DefaultLimit) =>
        (await queries.GetAsync(caller, id, new PlacementQuestion(now, limit), context.RequestAborted)).ToHttp(TypedResults.Ok);

    private static async Task<IResult> UpdateAsync(HttpContext context, string id, Caller caller, ContainerChanges changes)
    {
        var body = await StrictBody.ReadAsync<ContainerUpdateRequest>(context);
        return body.IsSuccess
            ? await WithRevisionAsync(context, revision => changes.UpdateAsync(caller, id, body.Value, revision, context.RequestAborted))
            : body.Error.ToProblem();
    }

    private static async Task<IResult> RenameAsync(HttpContext context, string id, Caller caller, ContainerChanges changes)
    {
        var body = await StrictBody.ReadAsync<ContainerRenameRequest>(context);
        return body.IsSuccess
            ? await WithRevisionAsync(context, revision => changes.RenameAsync(caller, id, body.Value, revision, context.RequestAborted))
            : body.Error.ToProblem();
    }

    private static async Task<IResult> RemoveAsync(
        HttpContext context, string id, Caller caller, ContainerActions actions, bool force = false, bool volumes = false)
    {
        var ifMatch = Preconditions.ReadIfMatch(context);
        if (!ifMatch.IsSuccess)
        {
            return ifMatch.Error.ToProblem();
        }

        var expected = ifMatch.Value == Preconditions.Any ? null : ifMatch.Value;
        var removed = await actions.RunAsync(caller, id, new ContainerAction.Remove(force, volumes), expected, context.RequestAborted);
        return removed.IsSuccess ? TypedResults.NoContent() : removed.Error.ToProblem();
    }

    private static async Task<IResult> WithRevisionAsync(HttpContext context, Func<long?, Task<Result<ContainerView>>> change)
    {
        var ifMatch = Preconditions.ReadIfMatch(context);
        if (!ifMatch.IsSuccess)
        {
            return ifMatch.Error.ToProblem();
        }

        var changed = await change(ifMatch.Value);
        if (changed.IsSuccess)
        {
            context.Response.Headers.ETag = Preconditions.ETag(changed.Value.Revision);
        }

        return changed.ToHttp(TypedResults.Ok);
    }
}
