using ControlPlane.Api.Rest.Conventions;
using ControlPlane.Contracts.Rest;
using ControlPlane.Core.Access;
using ControlPlane.Core.Access.Administration;
using ControlPlane.Core.Identity;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ControlPlane.Api.Rest.Access;

/// <summary>Roles and the rights they are made of.</summary>
internal static class RoleEndpoints
{
    public static void MapRoles(this RouteGroupBuilder api)
    {
        var roles = api.MapGroup("/roles").WithTags("Roles");
        roles.MapGet("/", ListAsync).WithName("ListRoles").TakesList().RequirePermission(Permission.RolesRead);
        roles.MapGet("/permissions", () => TypedResults.Ok(PermissionCatalog.All)).WithName("ListPermissions").RequireSignIn("names of rights are in the documentation, too");
        roles.MapGet("/{id}", GetAsync).WithName("GetRole").RequirePermission(Permission.RolesRead);
        roles.MapPost("/", CreateAsync).WithName("CreateRole").Accepts<RoleRequest>("application/json").RequirePermission(Permission.RolesCreate);
        roles.MapPut("/{id}", PutAsync).WithName("PutRole").Accepts<RoleRequest>("application/json").RequirePermission(Permission.RolesUpdate);
        roles.MapDelete("/{id}", DeleteAsync).WithName("RemoveRole").RequirePermission(Permission.RolesRemove);
    }

    private static async Task<Results<Ok<Page<RoleView>>, ProblemResult>> ListAsync(
        HttpContext context, Caller caller, RoleService roles, CancellationToken cancellationToken)
    {
        var query = ListQueries.Read(context);
        return query.IsSuccess
            ? (await roles.ListAsync(caller, cancellationToken)).Map(rows => Slices.Of(rows, role => role.Id, role => role.Name, query.Value))
                .ToHttp(page => ListQueries.ToHttp(context, page))
            : query.Error.ToProblem();
    }

    private static async Task<Results<Ok<RoleView>, ProblemResult>> GetAsync(HttpContext context, string id, Caller caller, RoleService roles, CancellationToken cancellationToken) =>
        (await roles.GetAsync(caller, id, cancellationToken)).ToHttp(role => Tagged(context, role));

    private static async Task<Results<Created<RoleView>, ProblemResult>> CreateAsync(HttpContext context, Caller caller, RoleService roles, CancellationToken cancellationToken)
    {
        var body = await StrictBody.ReadAsync<RoleRequest>(context);
        return body.IsSuccess
            ? (await roles.CreateAsync(caller, body.Value, cancellationToken)).ToHttp(role => TypedResults.Created($"/api/v1/roles/{role.Id}", role))
            : body.Error.ToProblem();
    }

    private static async Task<Results<Ok<RoleView>, ProblemResult>> PutAsync(
        HttpContext context, string id, Caller caller, RoleService roles, CancellationToken cancellationToken)
    {
        var ifMatch = Preconditions.ReadIfMatch(context);
        if (!ifMatch.IsSuccess)
        {
            return ifMatch.Error.ToProblem();
        }

        var body = await StrictBody.ReadAsync<RoleRequest>(context);
        return body.IsSuccess
            ? (await roles.PutAsync(caller, id, body.Value, ifMatch.Value, cancellationToken)).ToHttp(role => Tagged(context, role))
            : body.Error.ToProblem();
    }

    private static async Task<Results<NoContent, ProblemResult>> DeleteAsync(
        HttpContext context, string id, Caller caller, RoleService roles, CancellationToken cancellationToken)
    {
        var ifMatch = Preconditions.ReadIfMatch(context);
        return ifMatch.IsSuccess ? (await roles.DeleteAsync(caller, id, ifMatch.Value, cancellationToken)).ToHttp() : ifMatch.Error.ToProblem();
    }

    private static Ok<RoleView> Tagged(HttpContext context, RoleView role)
    {
        context.Response.Headers.ETag = Preconditions.ETag(role.Revision);
        return TypedResults.Ok(role);
    }
}
