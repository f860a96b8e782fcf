using ControlPlane.Api.Rest.Conventions;
using ControlPlane.Contracts.Rest;
using ControlPlane.Core.Access;
using ControlPlane.Core.Access.Administration;
using ControlPlane.Core.Identity;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ControlPlane.Api.Rest.Access;

/// <summary>Who is to be added to a team.</summary>
/// <param name="User">Id or name.</param>
internal sealed record MemberRequest(string User);

/// <summary>Teams and their members.</summary>
internal static class TeamEndpoints
{
    public static void MapTeams(this RouteGroupBuilder api)
    {
        var teams = api.MapGroup("/teams").WithTags("Teams");
        teams.MapGet("/", ListAsync).WithName("ListTeams").TakesList().RequirePermission(Permission.TeamsRead);
        teams.MapGet("/{id}", GetAsync).WithName("GetTeam").RequirePermission(Permission.TeamsRead);
        teams.MapPost("/", CreateAsync).WithName("CreateTeam").Accepts<TeamRequest>("application/json").RequirePermission(Permission.TeamsCreate);
        teams.MapPut("/{id}", PutAsync).WithName("PutTeam").Accepts<TeamRequest>("application/json").RequirePermission(Permission.TeamsUpdate);
        teams.MapDelete("/{id}", DeleteAsync).WithName("RemoveTeam").RequirePermission(Permission.TeamsRemove);
        teams.MapGet("/{id}/members", MembersAsync).WithName("ListTeamMembers").TakesList().RequirePermission(Permission.TeamsRead);
        teams.MapPost("/{id}/members", AddAsync).WithName("AddTeamMember").Accepts<MemberRequest>("application/json").RequirePermission(Permission.TeamsUpdate);
        teams.MapDelete("/{id}/members/{user}", RemoveAsync).WithName("RemoveTeamMember").RequirePermission(Permission.TeamsUpdate);
    }

    private static async Task<Results<Ok<Page<TeamView>>, ProblemResult>> ListAsync(
        HttpContext context, Caller caller, TeamService teams, CancellationToken cancellationToken)
    {
        var query = ListQueries.Read(context);
        return query.IsSuccess
            ? (await teams.ListAsync(caller, cancellationToken)).Map(rows => Slices.Of(rows, team => team.Id, team => team.Name, query.Value))
                .ToHttp(page => ListQueries.ToHttp(context, page))
            : query.Error.ToProblem();
    }

    private static async Task<Results<Ok<TeamView>, ProblemResult>> GetAsync(HttpContext context, string id, Caller caller, TeamService teams, CancellationToken cancellationToken) =>
        (await teams.GetAsync(caller, id, cancellationToken)).ToHttp(team => Tagged(context, team));

    private static async Task<Results<Created<TeamView>, ProblemResult>> CreateAsync(HttpContext context, Caller caller, TeamService teams, CancellationToken cancellationToken)
    {
        var body = await StrictBody.ReadAsync<TeamRequest>(context);
        return body.IsSuccess
            ? (await teams.CreateAsync(caller, body.Value, cancellationToken)).ToHttp(team => TypedResults.Created($"/api/v1/teams/{team.Id}", team))
            : body.Error.ToProblem();
    }

    private static async Task<Results<Ok<TeamView>, ProblemResult>> PutAsync(
        HttpContext context, string id, Caller caller, TeamService teams, CancellationToken cancellationToken)
    {
        var ifMatch = Preconditions.ReadIfMatch(context);
        if (!ifMatch.IsSuccess)
        {
            return ifMatch.Error.ToProblem();
        }

        var body = await StrictBody.ReadAsync<TeamRequest>(context);
        return body.IsSuccess
            ? (await teams.PutAsync(caller, id, body.Value, ifMatch.Value, cancellationToken)).ToHttp(team => Tagged(context, team))
            : body.Error.ToProblem();
    }

    private static async Task<Results<NoContent, ProblemResult>> DeleteAsync(
        HttpContext context, string id, Caller caller, TeamService teams, CancellationToken cancellationToken)
    {
        var ifMatch = Preconditions.ReadIfMatch(context);
        return ifMatch.IsSuccess ? (await teams.DeleteAsync(caller, id, ifMatch.Value, cancellationToken)).ToHttp() : ifMatch.Error.ToProblem();
    }

    private static async Task<Results<Ok<Page<TeamMemberView>>, ProblemResult>> MembersAsync(
        HttpContext context, string id, Caller caller, TeamService teams, CancellationToken cancellationToken)
    {
        var query = ListQueries.Read(context);
        return query.IsSuccess
            ? (await teams.MembersAsync(caller, id, cancellationToken))
                .Map(rows => Slices.Of(rows, member => member.UserId, member => $"{member.UserName} {member.FullName}", query.Value))
                .ToHttp(page => ListQueries.ToHttp(context, page))
            : query.Error.ToProblem();
    }

    private static async Task<Results<NoContent, ProblemResult>> AddAsync(HttpContext context, string id, Caller caller, TeamService teams, CancellationToken cancellationToken)
    {
        var body = await StrictBody.ReadAsync<MemberRequest>(context);
        return body.IsSuccess ? (await teams.AddMemberAsync(caller, id, body.Value.User, cancellationToken)).ToHttp() : body.Error.ToProblem();
    }

    private static async Task<Results<NoContent, ProblemResult>> RemoveAsync(string id, string user, Caller caller, TeamService teams, CancellationToken cancellationToken) =>
        (await teams.RemoveMemberAsync(caller, id, user, cancellationToken)).ToHttp();

    private static Ok<TeamView> Tagged(HttpContext context, TeamView team)
    {
        context.Response.Headers.ETag = Preconditions.ETag(team.Revision);
        return TypedResults.Ok(team);
    }
}
