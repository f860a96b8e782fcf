using ControlPlane.Api.Rest.Conventions;
using ControlPlane.Contracts.Rest.Settings;
using ControlPlane.Core.Access;
using ControlPlane.Core.Identity;
using ControlPlane.Core.Settings;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ControlPlane.Api.Rest.Settings;

/// <summary>Settings of the cluster.</summary>
internal static class SettingsEndpoints
{
    public static void MapSettings(this RouteGroupBuilder api)
    {
        var settings = api.MapGroup("/settings").WithTags("Settings");
        settings.MapGet("/scheduling", GetScheduling).WithName("GetSchedulingSettings").RequirePermission(Permission.SettingsRead);
        settings.MapPut("/scheduling", PutSchedulingAsync).WithName("PutSchedulingSettings").Accepts<SchedulingSettingsRequest>("application/json")
            .RequirePermission(Permission.SettingsUpdate);
    }

    private static Results<Ok<SchedulingSettingsView>, ProblemResult> GetScheduling(HttpContext context, Caller caller, SchedulingSettingsService settings) =>
        settings.Get(caller).ToHttp(view => Tagged(context, view));

    private static async Task<Results<Ok<SchedulingSettingsView>, ProblemResult>> PutSchedulingAsync(
        HttpContext context, Caller caller, SchedulingSettingsService settings, CancellationToken cancellationToken)
    {
        var ifMatch = Preconditions.ReadIfMatch(context);
        if (!ifMatch.IsSuccess)
        {
            return ifMatch.Error.ToProblem();
        }

        var body = await StrictBody.ReadAsync<SchedulingSettingsRequest>(context);
        return body.IsSuccess
            ? (await settings.PutAsync(caller, body.Value, ifMatch.Value, cancellationToken)).ToHttp(view => Tagged(context, view))
            : body.Error.ToProblem();
    }

    private static Ok<SchedulingSettingsView> Tagged(HttpContext context, SchedulingSettingsView settings)
    {
        context.Response.Headers.ETag = Preconditions.ETag(settings.Revision);
        return TypedResults.Ok(settings);
    }
}
