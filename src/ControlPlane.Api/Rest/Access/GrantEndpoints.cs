using ControlPlane.Api.Rest.Conventions;
using ControlPlane.Contracts.Rest;
using ControlPlane.Core.Access;
using ControlPlane.Core.Access.Administration;
using ControlPlane.Core.Identity;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ControlPlane.Api.Rest.Access;

/// <summary>Grants: subject × role × collection.</summary>
internal static class GrantEndpoints
{
    public static void MapGrants(this RouteGroupBuilder api)
    {
        var grants = api.MapGroup("/grants").WithTags("Grants");
        grants.MapGet("/", ListAsync).WithName("ListGrants").TakesList(filters: ["subject", "subjectKind", "role", "collection"]).RequirePermission(Permission.GrantsRead);
        grants.MapPost("/", CreateAsync).WithName("CreateGrant").Accepts<GrantRequest>("application/json").RequirePermission(Permission.GrantsCreate);
        grants.MapDelete("/{id}", DeleteAsync).WithName("RemoveGrant").RequirePermission(Permission.GrantsRemove);
    }

    private static async Task<Results<Ok<Page<GrantView>>, ProblemResult>> ListAsync(
        HttpContext context, Caller caller, GrantService grants, CancellationToken cancellationToken)
    {
        var query = ListQueries.Read(context);
        if (!query.IsSuccess)
        {
            return query.Error.ToProblem();
        }

        var filter = new GrantFilter(query.Value.Filter("subject"), query.Value.Filter("subjectKind"), query.Value.Filter("role"), query.Value.Filter("collection"));
        return (await grants.ListAsync(caller, filter, cancellationToken))
            .Map(rows => Slices.Of(rows, grant => grant.Id, grant => $"{grant.SubjectName} {grant.RoleName} {grant.Collection}", query.Value))
            .ToHttp(page => ListQueries.ToHttp(context, page));
    }

    private static async Task<Results<Created<GrantView>, ProblemResult>> CreateAsync(HttpContext context, Caller caller, GrantService grants, CancellationToken cancellationToken)
    {
        var body = await StrictBody.ReadAsync<GrantRequest>(context);
        return body.IsSuccess
            ? (await grants.CreateAsync(caller, body.Value, cancellationToken)).ToHttp(grant => TypedResults.Created($"/api/v1/grants/{grant.Id}", grant))
            : body.Error.ToProblem();
    }

    private static async Task<Results<NoContent, ProblemResult>> DeleteAsync(string id, Caller caller, GrantService grants, CancellationToken cancellationToken) =>
        (await grants.DeleteAsync(caller, id, cancellationToken)).ToHttp();
}
