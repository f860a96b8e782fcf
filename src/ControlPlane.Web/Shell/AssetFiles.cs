using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace ControlPlane.Web.Shell;

/// <summary>Serves <c>/assets</c>: with a version in the address for ever, without one only after asking again.</summary>
internal static class AssetFiles
{
    private const string Root = "/assets";

    // Only the bundles: nothing secret is in them, so compressing them over TLS tells nobody anything.
    public static IApplicationBuilder Use(IApplicationBuilder app) =>
        app.MapWhen(context => context.Request.Path.StartsWithSegments(Root, StringComparison.Ordinal), assets =>
        {
            assets.UseResponseCompression();
            assets.UseStaticFiles(new StaticFileOptions { OnPrepareResponse = context => Cache(context.Context) });
            assets.Run(context =>
            {
                context.Response.StatusCode = StatusCodes.Status404NotFound;
                return Task.CompletedTask;
            });
        });

    private static void Cache(HttpContext context) =>
        context.Response.Headers.CacheControl = context.Request.Query.ContainsKey("v") ? "public, max-age=31536000, immutable" : "no-cache";
}
