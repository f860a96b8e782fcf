using ControlPlane.Api.Rest.Conventions;
using ControlPlane.Contracts.Rest;
using ControlPlane.Core.Access;
using ControlPlane.Core.Identity;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ControlPlane.Api.Rest.Tokens;

/// <summary>A new token; 90 days unless said otherwise.</summary>
/// <param name="Name">1 to 100 characters.</param>
/// <param name="ExpiresInDays">1 to 3650; 90 when left out.</param>
/// <param name="Permissions">Only these rights of its owner; all when left out.</param>
/// <param name="Collection">Only in this collection and below; everywhere when left out.</param>
/// <param name="Networks">Only from these networks (CIDR) or addresses; from everywhere when left out.</param>
/// <param name="CurrentPassword">When the sign-in is not of the last minutes.</param>
internal sealed record CreateTokenRequest(
    string Name,
    int? ExpiresInDays = null,
    IReadOnlyList<string>? Permissions = null,
    string? Collection = null,
    IReadOnlyList<string>? Networks = null,
    string? CurrentPassword = null)
{
    public NewApiToken ToNew() =>
        new() { Name = Name, ExpiresInDays = ExpiresInDays, Permissions = Permissions, Collection = Collection, Networks = Networks };

    public override string ToString() => $"CreateTokenRequest {Name}";
}

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

    private static Task<Results<Ok<Page<ApiTokenView>>, ProblemResult>> ListAsync(
        HttpContext context, Caller caller, ApiTokens tokens, CancellationToken cancellationToken) =>
        ShortLists.AnswerAsync(context, () => tokens.ListAsync(caller, cancellationToken), token => token.Id, token => token.Name);

    private static async Task<Results<Created<CreatedApiToken>, ProblemResult>> CreateAsync(
        HttpContext context, Caller caller, ApiTokens tokens, CancellationToken cancellationToken)
    {
        var body = await StrictBody.ReadAsync<CreateTokenRequest>(context);
        return body.IsSuccess
            ? (await tokens.CreateAsync(caller, body.Value.ToNew(), body.Value.CurrentPassword, cancellationToken))
                .ToHttp(token => TypedResults.Created($"/api/v1/tokens/{token.Id}", token))
            : body.Error.ToProblem();
    }

    private static async Task<Results<NoContent, ProblemResult>> RevokeAsync(string id, Caller caller, ApiTokens tokens, CancellationToken cancellationToken) =>
        (await tokens.RevokeAsync(caller, id, cancellationToken)).ToHttp();
}
