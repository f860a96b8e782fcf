using ControlPlane.Api.Rest.Conventions;
using ControlPlane.Contracts.Rest;
using ControlPlane.Contracts.Rest.Settings;
using ControlPlane.Core.Access;
using ControlPlane.Core.Audit;
using ControlPlane.Core.Audit.Chain;
using ControlPlane.Core.Audit.Export;
using ControlPlane.Core.Audit.Retention;
using ControlPlane.Core.Identity;
using ControlPlane.Core.Results;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ControlPlane.Api.Rest.Audit;

/// <summary>Who did what: searched, exported, verified, kept.</summary>
internal static class AuditEndpoints
{
    public static void MapAudit(this RouteGroupBuilder api)
    {
        var audit = api.MapGroup("/audit").WithTags("Audit");
        audit.MapGet("", ListAsync).WithName("ListAudit").TakesList(AuditQueries.Filters).RequirePermission(Permission.AuditRead);
        audit.MapGet("/export", ExportAsync).WithName("ExportAudit").TakesList([.. AuditQueries.Filters, "format"])
            .Produces(StatusCodes.Status200OK, contentType: "text/csv", additionalContentTypes: ["application/jsonl"]).RequirePermission(Permission.AuditRead);
        audit.MapGet("/verify", VerifyAsync).WithName("VerifyAudit").RequirePermission(Permission.AuditRead);
        var settings = api.MapGroup("/settings/audit").WithTags("Settings");
        settings.MapGet("", GetSettingsAsync).WithName("GetAuditSettings").RequirePermission(Permission.SettingsRead);
        settings.MapPut("", PutSettingsAsync).WithName("PutAuditSettings").Accepts<AuditSettingsRequest>("application/json")
            .RequirePermission(Permission.SettingsUpdate);
    }

    private static async Task<Results<Ok<Page<AuditView>>, ProblemResult>> ListAsync(
        HttpContext context, Caller caller, AuditLog log, CancellationToken cancellationToken)
    {
        var query = ListQueries.Read(context);
        if (!query.IsSuccess)
        {
            return query.Error.ToProblem();
        }

        var search = AuditQueries.Read(query.Value);
        return search.IsSuccess
            ? (await log.SearchAsync(caller, search.Value, query.Value.Cursor, query.Value.Limit, cancellationToken)).ToHttp(page => ListQueries.ToHttp(context, page))
            : search.Error.ToProblem();
    }

    private static async Task<Results<PushStreamHttpResult, ProblemResult>> ExportAsync(
        HttpContext context, Caller caller, AuditExports exports, CancellationToken cancellationToken)
    {
        var query = ListQueries.Read(context);
        if (!query.IsSuccess)
        {
            return query.Error.ToProblem();
        }

        if (context.Request.Query.ContainsKey("limit") || context.Request.Query.ContainsKey("cursor"))
        {
            return new InvalidError("limit", "an export has no pages: narrow it by from and to").ToProblem();
        }

        var search = AuditQueries.Read(query.Value);
        if (!search.IsSuccess)
        {
            return search.Error.ToProblem();
        }

        var format = query.Value.Filter("format") is [var only] ? only : null;
        return (await exports.BeginAsync(caller, search.Value, format, cancellationToken))
            .ToHttp(export => TypedResults.Stream(output => export.WriteAsync(output, context.RequestAborted), export.ContentType, export.FileName));
    }

    private static async Task<Results<Ok<AuditVerification>, ProblemResult>> VerifyAsync(
        Caller caller, AuditLog log, string? expect, CancellationToken cancellationToken) =>
        (await log.VerifyAsync(caller, expect, cancellationToken)).ToHttp(TypedResults.Ok);

    private static async Task<Results<Ok<AuditSettingsView>, ProblemResult>> GetSettingsAsync(
        HttpContext context, Caller caller, AuditSettingsService settings, CancellationToken cancellationToken) =>
        (await settings.GetAsync(caller, cancellationToken)).ToHttp(view => Tagged(context, view));

    private static async Task<Results<Ok<AuditSettingsView>, ProblemResult>> PutSettingsAsync(
        HttpContext context, Caller caller, AuditSettingsService settings, CancellationToken cancellationToken)
    {
        var ifMatch = Preconditions.ReadIfMatch(context);
        if (!ifMatch.IsSuccess)
        {
            return ifMatch.Error.ToProblem();
        }

        var body = await StrictBody.ReadAsync<AuditSettingsRequest>(context);
        return body.IsSuccess
            ? (await settings.PutAsync(caller, body.Value, ifMatch.Value, cancellationToken)).ToHttp(view => Tagged(context, view))
            : body.Error.ToProblem();
    }

    private static Ok<AuditSettingsView> Tagged(HttpContext context, AuditSettingsView settings)
    {
        context.Response.Headers.ETag = Preconditions.ETag(settings.Revision);
        return TypedResults.Ok(settings);
    }
}
