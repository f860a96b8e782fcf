using System.Globalization;
using ControlPlane.Api.Rest.Conventions;
using ControlPlane.Contracts.Rest;
using ControlPlane.Core.Access;
using ControlPlane.Core.Audit;
using ControlPlane.Core.Identity;
using ControlPlane.Core.Results;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ControlPlane.Api.Rest.Audit;

/// <summary>Who did what.</summary>
internal static class AuditEndpoints
{
    private static readonly string[] Filters = ["actor", "action", "object", "result", "from", "to"];

    public static void MapAudit(this RouteGroupBuilder api) =>
        api.MapGet("/audit", ListAsync).WithTags("Audit").WithName("ListAudit").TakesList(Filters).RequirePermission(Permission.AuditRead);

    private static async Task<Results<Ok<Page<AuditView>>, ProblemResult>> ListAsync(
        HttpContext context, Caller caller, AuditLog log, CancellationToken cancellationToken)
    {
        var query = ListQueries.Read(context);
        if (!query.IsSuccess)
        {
            return query.Error.ToProblem();
        }

        var problems = new List<FieldError>();
        if (query.Value.Q is not null)
        {
            problems.Add(new FieldError("q", "is not supported here; use actor, action, object or result"));
        }

        Guid after = default;
        if (query.Value.Cursor is { } cursor && !Guid.TryParseExact(cursor, "N", out after))
        {
            problems.Add(new FieldError("cursor", "must be the nextCursor of an earlier answer"));
        }

        var search = new AuditSearch(
            query.Value.Filter("actor"), query.Value.Filter("action"), query.Value.Filter("object"), query.Value.Filter("result"),
            Time(query.Value, "from", problems), Time(query.Value, "to", problems), query.Value.Cursor is null ? null : after, query.Value.Limit);
        return problems.Count > 0
            ? new InvalidError(problems).ToProblem()
            : (await log.SearchAsync(caller, search, cancellationToken)).ToHttp(page => ListQueries.ToHttp(context, page));
    }

    private static DateTime? Time(ListQuery query, string field, List<FieldError> problems)
    {
        if (query.Filter(field) is not [var text, ..] values)
        {
            return null;
        }

        if (values.Count == 1 && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time))
        {
            return time.UtcDateTime;
        }

        problems.Add(new FieldError(field, "must be one time in ISO 8601, e.g. 2026-01-31T12:00:00Z"));
        return null;
    }
}
