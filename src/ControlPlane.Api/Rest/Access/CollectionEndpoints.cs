using ControlPlane.Api.Rest.Conventions;
using ControlPlane.Contracts.Rest;
using ControlPlane.Core.Access;
using ControlPlane.Core.Access.Administration;
using ControlPlane.Core.Identity;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ControlPlane.Api.Rest.Access;

/// <summary>The tree of collections. In addresses the path follows as it is (<c>/collections/prod/web</c>); the root is <c>/collections/-</c>.</summary>
internal static class CollectionEndpoints
{
    public static void MapCollections(this RouteGroupBuilder api)
    {
        var collections = api.MapGroup("/collections").WithTags("Collections");
        collections.MapGet("/", List).WithName("ListCollections").TakesList().RequirePermission(Permission.CollectionsRead);
        collections.MapGet("/{**path}", Get).WithName("GetCollection").RequirePermission(Permission.CollectionsRead);
        collections.MapPost("/", CreateAsync).WithName("CreateCollection").Accepts<CollectionRequest>("application/json").RequirePermission(Permission.CollectionsCreate);
        collections.MapPut("/{**path}", PutAsync).WithName("PutCollection").Accepts<CollectionChange>("application/json").RequirePermission(Permission.CollectionsUpdate);
        collections.MapDelete("/{**path}", DeleteAsync).WithName("RemoveCollection").RequirePermission(Permission.CollectionsRemove);
    }

    private static Results<Ok<Page<CollectionView>>, ProblemResult> List(HttpContext context, Caller caller, CollectionService collections)
    {
        var query = ListQueries.Read(context);
        return query.IsSuccess
            ? collections.List(caller).Map(rows => Slices.Of(rows, collection => collection.Path, collection => $"{collection.Path} {collection.Description}", query.Value))
                .ToHttp(page => ListQueries.ToHttp(context, page))
            : query.Error.ToProblem();
    }

    private static Results<Ok<CollectionView>, ProblemResult> Get(HttpContext context, string path, Caller caller, CollectionService collections) =>
        collections.Get(caller, PathOf(path)).ToHttp(collection => Tagged(context, collection));

    private static async Task<Results<Created<CollectionView>, ProblemResult>> CreateAsync(
        HttpContext context, Caller caller, CollectionService collections, CancellationToken cancellationToken)
    {
        var body = await StrictBody.ReadAsync<CollectionRequest>(context);
        return body.IsSuccess
            ? (await collections.CreateAsync(caller, body.Value, cancellationToken))
                .ToHttp(collection => TypedResults.Created($"/api/v1/collections{collection.Path}", collection))
            : body.Error.ToProblem();
    }

    private static async Task<Results<Ok<CollectionView>, ProblemResult>> PutAsync(
        HttpContext context, string path, Caller caller, CollectionService collections, CancellationToken cancellationToken)
    {
        var ifMatch = Preconditions.ReadIfMatch(context);
        if (!ifMatch.IsSuccess)
        {
            return ifMatch.Error.ToProblem();
        }

        var body = await StrictBody.ReadAsync<CollectionChange>(context);
        return body.IsSuccess
            ? (await collections.PutAsync(caller, PathOf(path), body.Value, ifMatch.Value, cancellationToken)).ToHttp(collection => Tagged(context, collection))
            : body.Error.ToProblem();
    }

    private static async Task<Results<NoContent, ProblemResult>> DeleteAsync(
        HttpContext context, string path, Caller caller, CollectionService collections, CancellationToken cancellationToken)
    {
        var ifMatch = Preconditions.ReadIfMatch(context);
        return ifMatch.IsSuccess ? (await collections.DeleteAsync(caller, PathOf(path), ifMatch.Value, cancellationToken)).ToHttp() : ifMatch.Error.ToProblem();
    }

    // Names begin with a letter or digit, so "-" is nobody's.
    private static string PathOf(string path) => path == "-" ? Collections.Root : "/" + path;

    private static Ok<CollectionView> Tagged(HttpContext context, CollectionView collection)
    {
        context.Response.Headers.ETag = Preconditions.ETag(collection.Revision);
        return TypedResults.Ok(collection);
    }
}
