using ControlPlane.Api.Rest.Conventions;
using ControlPlane.Contracts.Rest;
using ControlPlane.Contracts.Rest.Operations;
using ControlPlane.Core.Access;
using ControlPlane.Core.Identity;
using ControlPlane.Core.Operations;
using ControlPlane.Core.Results;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ControlPlane.Api.Rest.Operations;

/// <summary>What runs and what ran.</summary>
internal static class OperationEndpoints
{
    private static readonly string[] States = ["running", "succeeded", "failed", "cancelled"];

    public static void MapOperations(this RouteGroupBuilder api)
    {
        var operations = api.MapGroup("/operations").WithTags("Operations");
        operations.MapGet("/", ListAsync).WithName("ListOperations").TakesList(["state"]).RequireSignIn("shows one's own, and those of others by the right operations.read");
        operations.MapGet("/{id}", GetAsync).WithName("GetOperation").RequireSignIn("shows one's own, and those of others by the right operations.read");
        operations.MapPost("/{id}/cancel", CancelAsync).WithName("CancelOperation").RequireSignIn("cancels one's own, and those of others by the right operations.cancel");
    }

    private static async Task<Results<Ok<Page<OperationView>>, ProblemResult>> ListAsync(HttpContext context, Caller caller, OperationLog operations)
    {
        var query = ListQueries.Read(context);
        if (!query.IsSuccess)
        {
            return query.Error.ToProblem();
        }

        var state = query.Value.Filter("state") is [var one, ..] ? one : null;
        if (state is not null && !States.Contains(state))
        {
            return new InvalidError("state", $"must be one of {string.Join(", ", States)}").ToProblem();
        }

        return (await operations.ListAsync(caller, ListRequests.From(query.Value), state, context.RequestAborted))
            .ToHttp(page => ListQueries.ToHttp(context, page));
    }

    private static async Task<Results<Ok<OperationView>, ProblemResult>> GetAsync(string id, Caller caller, OperationLog operations, CancellationToken cancellationToken) =>
        (await operations.GetAsync(caller, id, cancellationToken)).ToHttp(TypedResults.Ok);

    private static async Task<Results<Ok<OperationView>, ProblemResult>> CancelAsync(string id, Caller caller, OperationLog operations, CancellationToken cancellationToken) =>
        (await operations.CancelAsync(caller, id, cancellationToken)).ToHttp(TypedResults.Ok);
}
