using ControlPlane.Api.Rest.Conventions;
using ControlPlane.Contracts.Rest;
using ControlPlane.Contracts.Rest.Users;
using ControlPlane.Core.Access;
using ControlPlane.Core.Identity;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ControlPlane.Api.Rest.Users;

/// <summary>Accounts of people and services.</summary>
internal static class UserEndpoints
{
    private static readonly string[] Filters = ["kind", "source", "state", "admin"];

    public static void MapUsers(this RouteGroupBuilder api)
    {
        var users = api.MapGroup("/users").WithTags("Users");
        users.MapGet("/", ListAsync).WithName("ListUsers").TakesList(Filters, [.. UserFilter.SortKeys]).RequirePermission(Permission.UsersRead);
        users.MapPost("/", CreateAsync).WithName("CreateUser").Accepts<UserCreateRequest>("application/json").RequirePermission(Permission.UsersCreate);
        users.MapGet("/{id}", GetAsync).WithName("GetUser").RequirePermission(Permission.UsersRead);
        users.MapPatch("/{id}", UpdateAsync).WithName("UpdateUser").Accepts<UserPatch>("application/merge-patch+json", "application/json")
            .RequirePermission(Permission.UsersUpdate);
        users.MapDelete("/{id}", DeleteAsync).WithName("DeleteUser").RequirePermission(Permission.UsersRemove);
        users.MapPost("/{id}/reset-password", ResetPasswordAsync).WithName("ResetUserPassword").RequirePermission(Permission.UsersUpdate);
        users.MapDelete("/{id}/second-factor", ResetSecondFactorAsync).WithName("ResetUserSecondFactor").RequirePermission(Permission.UsersUpdate);
    }

    private static async Task<Results<Ok<Page<UserView>>, ProblemResult>> ListAsync(
        HttpContext context, Caller caller, UserQueries users, CancellationToken cancellationToken)
    {
        var query = ListQueries.Read(context);
        if (!query.IsSuccess)
        {
            return query.Error.ToProblem();
        }

        var filter = new UserFilter
        {
            List = ListRequests.From(query.Value),
            Kinds = query.Value.Filter("kind"),
            Sources = query.Value.Filter("source"),
            States = query.Value.Filter("state"),
            Administrators = query.Value.Filter("admin"),
        };
        return (await users.ListAsync(caller, filter, cancellationToken)).ToHttp(page => ListQueries.ToHttp(context, page));
    }

    private static async Task<Results<Created<CreatedUserView>, ProblemResult>> CreateAsync(
        HttpContext context, Caller caller, Core.Identity.Users users, CancellationToken cancellationToken)
    {
        var body = await StrictBody.ReadAsync<UserCreateRequest>(context);
        return body.IsSuccess
            ? (await users.CreateAsync(caller, body.Value, cancellationToken)).ToHttp(made => TypedResults.Created($"/api/v1/users/{made.User.Id}", made))
            : body.Error.ToProblem();
    }

    private static async Task<Results<Ok<UserView>, ProblemResult>> GetAsync(
        HttpContext context, string id, Caller caller, UserQueries users, CancellationToken cancellationToken) =>
        (await users.GetAsync(caller, id, cancellationToken)).ToHttp(user => Tagged(context, user));

    private static async Task<Results<Ok<UserView>, ProblemResult>> UpdateAsync(
        HttpContext context, string id, Caller caller, Core.Identity.Users users, CancellationToken cancellationToken)
    {
        var ifMatch = Preconditions.ReadIfMatch(context);
        if (!ifMatch.IsSuccess)
        {
            return ifMatch.Error.ToProblem();
        }

        var patch = await StrictBody.ReadAsync<UserPatch>(context);
        return patch.IsSuccess
            ? (await users.UpdateAsync(caller, id, patch.Value, ifMatch.Value, cancellationToken)).ToHttp(user => Tagged(context, user))
            : patch.Error.ToProblem();
    }

    private static async Task<Results<NoContent, ProblemResult>> DeleteAsync(
        HttpContext context, string id, Caller caller, Core.Identity.Users users, CancellationToken cancellationToken)
    {
        var ifMatch = Preconditions.ReadIfMatch(context);
        return ifMatch.IsSuccess
            ? (await users.DeleteAsync(caller, id, ifMatch.Value, cancellationToken)).ToHttp()
            : ifMatch.Error.ToProblem();
    }

    private static async Task<Results<Ok<NewPasswordView>, ProblemResult>> ResetPasswordAsync(
        string id, Caller caller, Core.Identity.Users users, CancellationToken cancellationToken) =>
        (await users.ResetPasswordAsync(caller, id, cancellationToken)).ToHttp(TypedResults.Ok);

    private static async Task<Results<NoContent, ProblemResult>> ResetSecondFactorAsync(
        string id, Caller caller, Core.Identity.Users users, CancellationToken cancellationToken) =>
        (await users.ResetSecondFactorAsync(caller, id, cancellationToken)).ToHttp();

    internal static Ok<UserView> Tagged(HttpContext context, UserView user)
    {
        context.Response.Headers.ETag = Preconditions.ETag(user.Revision);
        return TypedResults.Ok(user);
    }
}
