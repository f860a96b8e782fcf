using ControlPlane.Api.Rest.Conventions;
using ControlPlane.Contracts.Rest;
using ControlPlane.Core.Access;
using ControlPlane.Core.Identity;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ControlPlane.Api.Rest.Tokens;

/// <summary>A new token; 90 days unless said otherwise.</summary>
internal sealed record CreateTokenRequest(string Name, int? ExpiresInDays = null);

/// <summary>The caller's own API tokens.</summary>
internal static class TokenEndpoints
{
    public static void MapTokens(this RouteGroupBuilder api)
    {
        var tokens = api.MapGroup("/tokens").WithTags("Tokens").RequireSignIn("everybody manages their own");
        tokens.MapGet("/", ListAsync).WithName("ListTokens").TakesList();
        tokens.MapPost("/", CreateAsync).WithName("CreateToken").Accepts<CreateTokenRequest>("application/json");
        tokens.MapDelete("/{id}", RevokeAsync).WithName("RevokeToken");
    }

    private static async Task<Results<Ok<Page<ApiTokenView>>, ProblemResult>> ListAsync(
        HttpContext context, Caller caller, ApiTokens tokens, CancellationToken cancellationToken)
    {
        var query = ListQueries.Read(context);
        if (!query.IsSuccess)
        {
            return query.Error.ToProblem();
        }

        // There are at most 200 of one owner: paged in memory, after the last id.
        var all = await tokens.ListAsync(caller, cancellationToken);
        return all.Map(rows => Slice(rows, query.Value)).ToHttp(page => ListQueries.ToHttp(context, page));
    }

    private static Page<ApiTokenView> Slice(IReadOnlyList<ApiTokenView> rows, ListQuery query)
    {
        var found = query.Q is { } text ? [.. rows.Where(row => row.Name.Contains(text, StringComparison.OrdinalIgnoreCase))] : rows;
        var start = query.Cursor is null ? 0 : found.Select(row => row.Id).TakeWhile(id => id != query.Cursor).Count() + 1;
        var items = found.Skip(start).Take(query.Limit).ToList();
        return new Page<ApiTokenView>(items, start + items.Count < found.Count ? items[^1].Id : null, found.Count);
    }

    private static async Task<Results<Created<CreatedApiToken>, ProblemResult>> CreateAsync(
        HttpContext context, Caller caller, ApiTokens tokens, CancellationToken cancellationToken)
    {
        var body = await StrictBody.ReadAsync<CreateTokenRequest>(context);
        return body.IsSuccess
            ? (await tokens.CreateAsync(caller, body.Value.Name, body.Value.ExpiresInDays, cancellationToken))
                .ToHttp(token => TypedResults.Created($"/api/v1/tokens/{token.Id}", token))
            : body.Error.ToProblem();
    }

    private static async Task<Results<NoContent, ProblemResult>> RevokeAsync(string id, Caller caller, ApiTokens tokens, CancellationToken cancellationToken) =>
        (await tokens.RevokeAsync(caller, id, cancellationToken)).ToHttp();
}
