using ControlPlane.Api.Rest.Conventions;
using ControlPlane.Core.Access;
using ControlPlane.Core.Identity;
using ControlPlane.Core.Options;
using ControlPlane.Core.Results;

namespace ControlPlane.Api.SignIn;

/// <summary>
/// A browser sends the cookie also for other sites' pages. Requests that change something, and WebSockets, count only
/// when they come from our own origin. Requests with a token cannot be forged this way.
/// </summary>
internal static class CrossSiteProtection
{
    public static void UseCrossSiteProtection(this WebApplication app) => app.Use((context, next) =>
        IsForged(context)
            ? new ProblemResult(new ForbiddenError("request.cross_site", "The request does not come from this site. Send X-Requested-With with a cookie, or use an API token.")).ExecuteAsync(context)
            : next(context));

    private static bool IsForged(HttpContext context)
    {
        var request = context.Request;
        if (context.GetCaller().Kind == CallerKind.Token)
        {
            return false;
        }

        var origin = request.Headers.Origin.ToString();
        var isForeign = (origin.Length > 0 && !IsOwn(request, origin))
            || request.Headers["Sec-Fetch-Site"].ToString() is "cross-site" or "same-site";
        var isSession = context.GetCaller().Kind == CallerKind.Session;
        if (context.WebSockets.IsWebSocketRequest || IsExtendedConnect(request) || request.Path.StartsWithSegments("/hubs", StringComparison.OrdinalIgnoreCase))
        {
            return isSession && isForeign;
        }

        if (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method) || HttpMethods.IsOptions(request.Method) || HttpMethods.IsTrace(request.Method))
        {
            return false;
        }

        if (isForeign)
        {
            // Also without a session: nobody may sign a browser in from elsewhere.
            return true;
        }

        // Pages carry antiforgery tokens of their own.
        return isSession && request.Path.StartsWithSegments("/api", StringComparison.OrdinalIgnoreCase)
            && origin.Length == 0 && request.Headers["Sec-Fetch-Site"] != "same-origin" && !request.Headers.ContainsKey("X-Requested-With");
    }

    private static bool IsExtendedConnect(HttpRequest request) => HttpMethods.IsConnect(request.Method);

    // The public address is ours also where a proxy asks under another name.
    private static bool IsOwn(HttpRequest request, string origin) =>
        string.Equals(origin, $"{request.Scheme}://{request.Host}", StringComparison.OrdinalIgnoreCase)
        || string.Equals(origin, request.HttpContext.RequestServices.GetRequiredService<PublicAddress>().Origin, StringComparison.OrdinalIgnoreCase);
}
