using ControlPlane.Api.Rest.Conventions;
using ControlPlane.Core.Access;
using ControlPlane.Core.Directories.Settings;
using ControlPlane.Core.Identity;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ControlPlane.Api.Rest.Settings;

/// <summary>How the directory (LDAP, Active Directory) is asked.</summary>
internal static class LdapEndpoints
{
    public static void MapLdapSettings(this RouteGroupBuilder api)
    {
        var settings = api.MapGroup("/settings").WithTags("Settings");
        settings.MapGet("/ldap", Get).WithName("GetLdapSettings").RequirePermission(Permission.SettingsRead);
        settings.MapPut("/ldap", PutAsync).WithName("PutLdapSettings").Accepts<DirectorySettings>("application/json").RequirePermission(Permission.SettingsUpdate);
    }

    private static Results<Ok<DirectorySettingsView>, ProblemResult> Get(HttpContext context, Caller caller, DirectorySettingsService settings) =>
        settings.Get(caller).ToHttp(view => Tagged(context, view));

    private static async Task<Results<Ok<DirectorySettingsView>, ProblemResult>> PutAsync(
        HttpContext context, Caller caller, DirectorySettingsService settings, CancellationToken cancellationToken)
    {
        var ifMatch = Preconditions.ReadIfMatch(context);
        if (!ifMatch.IsSuccess)
        {
            return ifMatch.Error.ToProblem();
        }

        var body = await StrictBody.ReadAsync<DirectorySettings>(context);
        return body.IsSuccess
            ? (await settings.PutAsync(caller, body.Value, ifMatch.Value, cancellationToken)).ToHttp(view => Tagged(context, view))
            : body.Error.ToProblem();
    }

    private static Ok<DirectorySettingsView> Tagged(HttpContext context, DirectorySettingsView settings)
    {
        context.Response.Headers.ETag = Preconditions.ETag(settings.Revision);
        return TypedResults.Ok(settings);
    }
}
