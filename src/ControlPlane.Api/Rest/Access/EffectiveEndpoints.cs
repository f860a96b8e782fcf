using ControlPlane.Api.Rest.Conventions;
using ControlPlane.Core.Access;
using ControlPlane.Core.Access.Administration;
using ControlPlane.Core.Identity;
using ControlPlane.Core.Results;

namespace ControlPlane.Api.Rest.Access;

/// <summary>What somebody may and why, and who may what with a thing.</summary>
internal static class EffectiveEndpoints
{
    private static readonly string[] Known = ["user", "collection", "container", "node", "permission"];

    public static void MapEffectiveAccess(this RouteGroupBuilder api) =>
        api.MapGet("/access/effective", GetAsync).WithTags("Effective access").WithName("GetEffectiveAccess")
            .Produces<EffectiveOfUser>().RequireSignIn("everybody may ask about themselves; Core asks for more about others");

    /// <summary>One of <c>user collection container node</c>; without any of them: the caller's own.</summary>
    private static async Task<IResult> GetAsync(HttpContext context, Caller caller, EffectiveAccess access, CancellationToken cancellationToken)
    {
        var query = context.Request.Query;
        if (query.Keys.Except(Known, StringComparer.Ordinal).FirstOrDefault() is { } unknown)
        {
            return new InvalidError(unknown, $"is not a known query parameter; known are {string.Join(", ", Known)}").ToProblem();
        }

        if (Known[..4].Count(query.ContainsKey) > 1 || query.Any(pair => pair.Value.Count > 1))
        {
            return new InvalidError("user", "name one of user, collection, container or node, once").ToProblem();
        }

        var permission = query.TryGetValue("permission", out var asked) ? asked.ToString() : null;
        if (query.TryGetValue("collection", out var collection))
        {
            return (await access.OnCollectionAsync(caller, collection.ToString(), permission, cancellationToken)).ToHttp(TypedResults.Ok);
        }

        if (query.TryGetValue("container", out var container))
        {
            return (await access.OnContainerAsync(caller, container.ToString(), permission, cancellationToken)).ToHttp(TypedResults.Ok);
        }

        if (query.TryGetValue("node", out var node))
        {
            return (await access.OnNodeAsync(caller, node.ToString(), permission, cancellationToken)).ToHttp(TypedResults.Ok);
        }

        var user = query.TryGetValue("user", out var name) ? name.ToString() : caller.Id;
        return (await access.OfUserAsync(caller, user, cancellationToken)).ToHttp(TypedResults.Ok);
    }
}
