using ControlPlane.Api.Rest.ClientBundle;
using ControlPlane.Api.Rest.Conventions;
using ControlPlane.Api.Rest.Tokens;
using ControlPlane.Contracts.Rest;
using ControlPlane.Contracts.Rest.Users;
using ControlPlane.Core.Access;
using ControlPlane.Core.Certificates;
using ControlPlane.Core.Identity;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ControlPlane.Api.Rest.Users;

/// <summary>Others' sessions, tokens and client bundles.</summary>
internal static class UserCredentialEndpoints
{
    public static void MapUserCredentials(this RouteGroupBuilder api)
    {
        var users = api.MapGroup("/users/{id}").WithTags("Users");
        users.MapGet("/sessions", ListSessionsAsync).WithName("ListUserSessions").TakesList().RequirePermission(Permission.UsersRead);
        users.MapDelete("/sessions", EndSessionsAsync).WithName("EndUserSessions").RequirePermission(Permission.UsersUpdate);
        users.MapDelete("/sessions/{sessionId}", EndSessionAsync).WithName("EndUserSession").RequirePermission(Permission.UsersUpdate);
        users.MapGet("/tokens", ListTokensAsync).WithName("ListUserTokens").TakesList().RequirePermission(Permission.UsersRead);
        users.MapPost("/tokens", CreateTokenAsync).WithName("CreateUserToken").Accepts<CreateTokenRequest>("application/json").RequirePermission(Permission.UsersUpdate);
        users.MapDelete("/tokens/{tokenId}", RevokeTokenAsync).WithName("RevokeUserToken").RequirePermission(Permission.UsersUpdate);
        users.MapGet("/client-bundle", ListBundlesAsync).WithName("ListUserClientBundles").TakesList().RequirePermission(Permission.UsersRead);
        users.MapPost("/client-bundle", CreateBundleAsync).WithName("CreateUserClientBundle").Accepts<ClientBundleRequest>("application/json")
            .Produces<byte[]>(StatusCodes.Status200OK, "application/zip").WithMetadata(new NeverKept()).RequirePermission(Permission.UsersUpdate);
        users.MapDelete("/client-bundle/{certificateId}", RevokeBundleAsync).WithName("RevokeUserClientBundle").RequirePermission(Permission.UsersUpdate);
        api.MapGet("/access/tokens", ListAllTokensAsync).WithName("ListAllTokens").WithTags("Tokens").TakesList().RequirePermission(Permission.UsersRead);
    }

    private static Task<Results<Ok<Page<SessionView>>, ProblemResult>> ListSessionsAsync(
        HttpContext context, string id, Caller caller, UserSessions sessions, CancellationToken cancellationToken) =>
        ShortLists.AnswerAsync(context, () => sessions.ListOfAsync(caller, id, cancellationToken), session => session.Id, session => session.UserAgent);

    private static async Task<Results<NoContent, ProblemResult>> EndSessionsAsync(
        string id, Caller caller, UserSessions sessions, CancellationToken cancellationToken) =>
        (await sessions.EndOfAsync(caller, id, null, cancellationToken)).ToHttp();

    private static async Task<Results<NoContent, ProblemResult>> EndSessionAsync(
        string id, string sessionId, Caller caller, UserSessions sessions, CancellationToken cancellationToken) =>
        (await sessions.EndOfAsync(caller, id, sessionId, cancellationToken)).ToHttp();

    private static Task<Results<Ok<Page<ApiTokenView>>, ProblemResult>> ListTokensAsync(
        HttpContext context, string id, Caller caller, UserTokens tokens, CancellationToken cancellationToken) =>
        ShortLists.AnswerAsync(context, () => tokens.ListOfAsync(caller, id, cancellationToken), token => token.Id, token => token.Name);

    private static async Task<Results<Created<CreatedApiToken>, ProblemResult>> CreateTokenAsync(
        HttpContext context, string id, Caller caller, UserTokens tokens, CancellationToken cancellationToken)
    {
        var body = await StrictBody.ReadAsync<CreateTokenRequest>(context);
        return body.IsSuccess
            ? (await tokens.CreateAsync(caller, id, body.Value.ToNew(), cancellationToken))
                .ToHttp(token => TypedResults.Created($"/api/v1/users/{id}/tokens/{token.Id}", token))
            : body.Error.ToProblem();
    }

    private static async Task<Results<NoContent, ProblemResult>> RevokeTokenAsync(
        string id, string tokenId, Caller caller, UserTokens tokens, CancellationToken cancellationToken) =>
        (await tokens.RevokeAsync(caller, id, tokenId, cancellationToken)).ToHttp();

    private static Task<Results<Ok<Page<ClientCertificateView>>, ProblemResult>> ListBundlesAsync(
        HttpContext context, string id, Caller caller, ClientBundles bundles, CancellationToken cancellationToken) =>
        ShortLists.AnswerAsync(context, () => bundles.ListOfAsync(caller, id, cancellationToken), row => row.Id, row => row.Name);

    private static async Task<Results<FileContentHttpResult, ProblemResult>> CreateBundleAsync(
        HttpContext context, string id, Caller caller, ClientBundles bundles, CancellationToken cancellationToken)
    {
        var body = await StrictBody.ReadAsync<ClientBundleRequest>(context);
        return body.IsSuccess
            ? (await bundles.CreateForAsync(caller, id, body.Value.Name, body.Value.Days, cancellationToken)).ToHttp(ClientBundleEndpoints.ToFile)
            : body.Error.ToProblem();
    }

    private static async Task<Results<NoContent, ProblemResult>> RevokeBundleAsync(
        string id, string certificateId, Caller caller, ClientBundles bundles, CancellationToken cancellationToken) =>
        (await bundles.RevokeOfAsync(caller, id, certificateId, cancellationToken)).ToHttp();

    private static async Task<Results<Ok<Page<ApiTokenView>>, ProblemResult>> ListAllTokensAsync(
        HttpContext context, Caller caller, UserTokens tokens, CancellationToken cancellationToken)
    {
        var query = ListQueries.Read(context);
        return query.IsSuccess
            ? (await tokens.ListAllAsync(caller, ListRequests.From(query.Value), cancellationToken)).ToHttp(page => ListQueries.ToHttp(context, page))
            : query.Error.ToProblem();
    }
}
