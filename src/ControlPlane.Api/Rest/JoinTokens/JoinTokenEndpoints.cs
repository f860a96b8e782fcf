using ControlPlane.Api.Rest.Conventions;
using ControlPlane.Contracts.Rest;
using ControlPlane.Contracts.Rest.Nodes;
using ControlPlane.Core.Access;
using ControlPlane.Core.Identity;
using ControlPlane.Core.Nodes.Joining;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ControlPlane.Api.Rest.JoinTokens;

/// <summary>Join tokens: make, list, revoke.</summary>
internal static class JoinTokenEndpoints
{
    public static void MapJoinTokens(this RouteGroupBuilder api)
    {
        var tokens = api.MapGroup("/join-tokens").WithTags("Join tokens");
        tokens.MapGet("/", ListAsync).WithName("ListJoinTokens").TakesList().RequirePermission(Permission.JoinTokensRead);
        tokens.MapPost("/", CreateAsync).WithName("CreateJoinToken").Accepts<JoinTokenRequest>("application/json")
            .RequirePermission(Permission.JoinTokensCreate);
        tokens.MapDelete("/{id}", RevokeAsync).WithName("RevokeJoinToken").RequirePermission(Permission.JoinTokensRevoke);
    }

    private static async Task<Results<Ok<Page<JoinTokenView>>, ProblemResult>> ListAsync(
        HttpContext context, Caller caller, JoinTokenService tokens, CancellationToken cancellationToken)
    {
        var query = ListQueries.Read(context);
        if (!query.IsSuccess)
        {
            return query.Error.ToProblem();
        }

        // Few at any time: paged in memory, after the last id.
        var all = await tokens.ListAsync(caller, cancellationToken);
        return all.Map(rows => Slice(rows, query.Value)).ToHttp(page => ListQueries.ToHttp(context, page));
    }

    private static async Task<Results<Created<JoinTokenCreated>, ProblemResult>> CreateAsync(
        HttpContext context, Caller caller, JoinTokenService tokens, CancellationToken cancellationToken)
    {
        var body = await StrictBody.ReadAsync<JoinTokenRequest>(context);
        if (!body.IsSuccess)
        {
            return body.Error.ToProblem();
        }

        var defaults = new NewJoinToken();
        var wanted = new NewJoinToken
        {
            Name = body.Value.Name ?? defaults.Name,
            ExpiresInSeconds = body.Value.ExpiresInSeconds ?? defaults.ExpiresInSeconds,
            Uses = body.Value.Uses ?? defaults.Uses,
            Labels = body.Value.Labels ?? defaults.Labels,
            Collection = body.Value.Collection,
            RequireApproval = body.Value.RequireApproval ?? defaults.RequireApproval,
        };
        var made = await tokens.CreateAsync(caller, wanted, cancellationToken);
        return made.ToHttp(token => TypedResults.Created(
            $"/api/v1/join-tokens/{token.Token.Id}", new JoinTokenCreated(token.Token.Id, token.Text, token.Token.ExpiresAt, token.Token.MaxUses)));
    }

    private static async Task<Results<NoContent, ProblemResult>> RevokeAsync(
        string id, Caller caller, JoinTokenService tokens, CancellationToken cancellationToken) =>
        (await tokens.RevokeAsync(caller, id, cancellationToken)).ToHttp();

    private static Page<JoinTokenView> Slice(IReadOnlyList<JoinTokenView> rows, ListQuery query)
    {
        var found = query.Q is { } text ? [.. rows.Where(row => row.Name.Contains(text, StringComparison.OrdinalIgnoreCase))] : rows;
        var start = query.Cursor is null ? 0 : found.Select(row => row.Id).TakeWhile(id => id != query.Cursor).Count() + 1;
        var items = found.Skip(start).Take(query.Limit).ToList();
        return new Page<JoinTokenView>(items, start + items.Count < found.Count ? items[^1].Id : null, found.Count);
    }
}
