using ControlPlane.Api.Rest.Conventions;
using ControlPlane.Contracts.Rest;
using ControlPlane.Contracts.Rest.Nodes;
using ControlPlane.Core.Access;
using ControlPlane.Core.Containers.Rescheduling;
using ControlPlane.Core.Identity;
using ControlPlane.Core.Lists;
using ControlPlane.Core.Nodes;
using ControlPlane.Core.Results;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ControlPlane.Api.Rest.Nodes;

/// <summary>Nodes, and the images on them.</summary>
internal static class NodeEndpoints
{
    private static readonly string[] Filters = ["state", "availability", "label"];
    private static readonly string[] ContentSorts = ["name"];

    public static void MapNodes(this RouteGroupBuilder api)
    {
        var nodes = api.MapGroup("/nodes").WithTags("Nodes");
        nodes.MapGet("/", List).WithName("ListNodes").TakesList(Filters, NodeFilter.SortKeys).RequirePermission(Permission.NodesRead);
        nodes.MapGet("/{id}", Get).WithName("GetNode").RequirePermission(Permission.NodesRead);
        nodes.MapPatch("/{id}", UpdateAsync).WithName("UpdateNode").Accepts<NodePatch>("application/merge-patch+json", "application/json")
            .RequirePermission(Permission.NodesUpdate);
        nodes.MapPost("/{id}/approve", ApproveAsync).WithName("ApproveNode").RequirePermission(Permission.NodesUpdate);
        nodes.MapDelete("/{id}", RemoveAsync).WithName("RemoveNode").RequirePermission(Permission.NodesRemove);
        nodes.MapGet("/rescheduling", Rescheduling).WithName("GetRescheduling").RequirePermission(Permission.NodesRead);
        nodes.MapPost("/rescheduling/confirm", ConfirmReschedulingAsync).WithName("ConfirmRescheduling").RequirePermission(Permission.NodesUpdate);
        nodes.MapGet("/{id}/images", (HttpContext context, string id, Caller caller, NodeQueries queries) => Images(context, id, caller, queries))
            .WithName("ListNodeImages").TakesList([], ContentSorts).RequirePermission(Permission.ImagesRead);
        api.MapGet("/images", (HttpContext context, Caller caller, NodeQueries queries) => Images(context, null, caller, queries))
            .WithName("ListImages").TakesList([], ContentSorts).WithTags("Images").RequirePermission(Permission.ImagesRead);
    }

    private static Results<Ok<Page<NodeView>>, ProblemResult> List(HttpContext context, Caller caller, NodeQueries queries)
    {
        var query = ListQueries.Read(context);
        if (!query.IsSuccess)
        {
            return query.Error.ToProblem();
        }

        var filter = new NodeFilter
        {
            List = Request(query.Value),
            States = query.Value.Filter("state"),
            Availabilities = query.Value.Filter("availability"),
            Labels = query.Value.Filter("label"),
        };
        return queries.List(caller, filter).ToHttp(page => ListQueries.ToHttp(context, page));
    }

    private static Results<Ok<NodeView>, ProblemResult> Get(HttpContext context, string id, Caller caller, NodeQueries queries) =>
        queries.Get(caller, id).ToHttp(node => Tagged(context, node));

    private static async Task<Results<Ok<NodeView>, ProblemResult>> UpdateAsync(
        HttpContext context, string id, Caller caller, NodeService nodes, CancellationToken cancellationToken)
    {
        var ifMatch = Preconditions.ReadIfMatch(context);
        if (!ifMatch.IsSuccess)
        {
            return ifMatch.Error.ToProblem();
        }

        var patch = await StrictBody.ReadAsync<NodePatch>(context);
        return patch.IsSuccess
            ? (await nodes.UpdateAsync(caller, id, patch.Value, ifMatch.Value, cancellationToken)).ToHttp(node => Tagged(context, node))
            : patch.Error.ToProblem();
    }

    private static async Task<Results<Ok<NodeView>, ProblemResult>> ApproveAsync(
        HttpContext context, string id, Caller caller, NodeService nodes, CancellationToken cancellationToken) =>
        (await nodes.ApproveAsync(caller, id, cancellationToken)).ToHttp(node => Tagged(context, node));

    private static async Task<Results<NoContent, ProblemResult>> RemoveAsync(
        HttpContext context, string id, Caller caller, NodeService nodes, CancellationToken cancellationToken)
    {
        var force = false;
        if (context.Request.Query.TryGetValue("force", out var text) && !bool.TryParse(text.ToString(), out force))
        {
            return new InvalidError("force", "must be true or false").ToProblem();
        }

        var ifMatch = Preconditions.ReadIfMatch(context);
        return ifMatch.IsSuccess
            ? (await nodes.RemoveAsync(caller, id, force, ifMatch.Value, cancellationToken)).ToHttp()
            : ifMatch.Error.ToProblem();
    }

    private static Results<Ok<ReschedulingView>, ProblemResult> Rescheduling(Caller caller, ReschedulingControl rescheduling) =>
        rescheduling.Get(caller).ToHttp(TypedResults.Ok);

    private static async Task<Results<Ok<ReschedulingView>, ProblemResult>> ConfirmReschedulingAsync(
        Caller caller, ReschedulingControl rescheduling, CancellationToken cancellationToken) =>
        (await rescheduling.ConfirmAsync(caller, cancellationToken)).ToHttp(TypedResults.Ok);

    private static IResult Images(HttpContext context, string? node, Caller caller, NodeQueries queries) =>
        Page(context, list => queries.Images(caller, node, list));

    private static IResult Page<T>(HttpContext context, Func<ListRequest, Result<Page<T>>> read)
    {
        var query = ListQueries.Read(context);
        return query.IsSuccess ? read(Request(query.Value)).ToHttp(page => ListQueries.ToHttp(context, page)) : query.Error.ToProblem();
    }

    private static ListRequest Request(ListQuery query) => new()
    {
        Limit = query.Limit,
        Cursor = query.Cursor,
        SortKey = query.Sort is [var first, ..] ? first.Field : null,
        Descending = query.Sort is [{ Descending: true }, ..],
        Text = query.Q,
    };

    private static Ok<NodeView> Tagged(HttpContext context, NodeView node)
    {
        context.Response.Headers.ETag = Preconditions.ETag(node.Revision);
        return TypedResults.Ok(node);
    }
}
