using ControlPlane.Api.Rest.Conventions;
using ControlPlane.Contracts.Rest;
using ControlPlane.Contracts.Rest.Users;
using ControlPlane.Core.Access;
using ControlPlane.Core.Identity;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ControlPlane.Api.Rest.Sessions;

/// <summary>The caller's own sessions.</summary>
internal static class SessionEndpoints
{
    public static void MapSessions(this RouteGroupBuilder api)
    {
        var sessions = api.MapGroup("/sessions").WithTags("Sessions").RequireSignIn("everybody manages their own");
        sessions.MapGet("/", ListAsync).WithName("ListSessions").TakesList();
        sessions.MapDelete("/", EndOthersAsync).WithName("EndOtherSessions");
        sessions.MapDelete("/{id}", EndAsync).WithName("EndSession");
    }

    private static Task<Results<Ok<Page<SessionView>>, ProblemResult>> ListAsync(
        HttpContext context, Caller caller, UserSessions sessions, CancellationToken cancellationToken) =>
        ShortLists.AnswerAsync(context, () => sessions.ListOwnAsync(caller, cancellationToken), session => session.Id, session => session.UserAgent);

    private static async Task<Results<NoContent, ProblemResult>> EndOthersAsync(Caller caller, UserSessions sessions, CancellationToken cancellationToken) =>
        (await sessions.EndOwnAsync(caller, null, cancellationToken)).ToHttp();

    private static async Task<Results<NoContent, ProblemResult>> EndAsync(string id, Caller caller, UserSessions sessions, CancellationToken cancellationToken) =>
        (await sessions.EndOwnAsync(caller, id, cancellationToken)).ToHttp();
}
