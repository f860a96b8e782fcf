using ControlPlane.Api.Rest.Conventions;
using ControlPlane.Contracts.Rest.Settings;
using ControlPlane.Core.Access;
using ControlPlane.Core.Identity;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ControlPlane.Api.Rest.Settings;

/// <summary>How long sign-ins last and what they ask for.</summary>
internal static class SignInSettingsEndpoints
{
    public static void MapSignInSettings(this RouteGroupBuilder api)
    {
        var settings = api.MapGroup("/settings/sign-in").WithTags("Settings");
        settings.MapGet("/", Get).WithName("GetSignInSettings").RequirePermission(Permission.SettingsRead);
        settings.MapPut("/", PutAsync).WithName("PutSignInSettings").Accepts<SignInSettingsRequest>("application/json").RequirePermission(Permission.SettingsUpdate);
    }

    private static Results<Ok<SignInSettingsView>, ProblemResult> Get(HttpContext context, Caller caller, SignInSettingsService settings) =>
        settings.Get(caller).ToHttp(view => Tagged(context, view));

    private static async Task<Results<Ok<SignInSettingsView>, ProblemResult>> PutAsync(
        HttpContext context, Caller caller, SignInSettingsService settings, CancellationToken cancellationToken)
    {
        var ifMatch = Preconditions.ReadIfMatch(context);
        if (!ifMatch.IsSuccess)
        {
            return ifMatch.Error.ToProblem();
        }

        var body = await StrictBody.ReadAsync<SignInSettingsRequest>(context);
        return body.IsSuccess
            ? (await settings.PutAsync(caller, body.Value, ifMatch.Value, cancellationToken)).ToHttp(view => Tagged(context, view))
            : body.Error.ToProblem();
    }

    private static Ok<SignInSettingsView> Tagged(HttpContext context, SignInSettingsView settings)
    {
        context.Response.Headers.ETag = Preconditions.ETag(settings.Revision);
        return TypedResults.Ok(settings);
    }
}
