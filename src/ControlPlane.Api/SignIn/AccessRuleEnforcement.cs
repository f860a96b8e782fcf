using ControlPlane.Api.Rest.Conventions;
using ControlPlane.Core.Access;
using ControlPlane.Core.Audit;
using ControlPlane.Core.Identity;
using ControlPlane.Core.Results;
using Microsoft.AspNetCore.Authentication;

namespace ControlPlane.Api.SignIn;

/// <summary>
/// Deny by default: an endpoint answers only by the rule that it declares. Core authorises again with the object at hand;
/// this is the line that a forgotten check cannot cross.
/// </summary>
internal static partial class AccessRuleEnforcement
{
    public static void UseAccessRules(this WebApplication app)
    {
        var logger = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("ControlPlane.Access");
        app.Use(async (context, next) =>
        {
            // Not a RouteEndpoint: none at all (404), or the framework's own 405 and 415.
            if (context.GetEndpoint() is not RouteEndpoint endpoint)
            {
                await next(context);
                return;
            }

            var rule = endpoint.Metadata.GetMetadata<IAccessRule>();
            if (rule is null)
            {
                LogUndeclared(logger, endpoint.DisplayName);
                await new ProblemResult(new ForbiddenError("access.undeclared", "This endpoint declares no access rule.")).ExecuteAsync(context);
                return;
            }

            if (await RefusalAsync(context, rule) is not { } error)
            {
                await next(context);
            }
            else if (context.GetCaller().Pending is { } pending && PendingPage(context, pending) is { } page)
            {
                context.Response.Redirect(page);
            }
            else if (error is UnauthenticatedError)
            {
                await context.ChallengeAsync();
            }
            else
            {
                await new ProblemResult(error).ExecuteAsync(context);
            }
        });
    }

    private static async ValueTask<Error?> RefusalAsync(HttpContext context, IAccessRule rule)
    {
        if (rule.IsOpen)
        {
            return null;
        }

        var caller = context.GetCaller();
        if (rule.Permission is { } permission)
        {
            var target = new AuditObject("endpoint", $"{context.Request.Method} {context.GetEndpoint()?.DisplayName}");
            var gate = context.RequestServices.GetRequiredService<AccessGate>();
            return PermissionCatalog.ScopeOf(permission) == PermissionScope.System
                ? await gate.RequireAsync(caller, permission, Collections.System, target, context.RequestAborted)
                : await gate.RequireAnywhereAsync(caller, permission, target, context.RequestAborted);
        }

        if (caller.Kind == CallerKind.Anonymous)
        {
            return new UnauthenticatedError("auth.required", "Sign in or send an API token.");
        }

        return context.GetEndpoint()?.Metadata.GetMetadata<AllowPendingAttribute>() is null ? Authorizer.CheckComplete(caller) : null;
    }

    /// <summary>Where people go on with their sign-in; null when this is no page.</summary>
    private static string? PendingPage(HttpContext context, string pending)
    {
        if (!HttpMethods.IsGet(context.Request.Method) || !CookieScope.IsPage(context.Request.Path) || context.Request.Headers.ContainsKey("HX-Request"))
        {
            return null;
        }

        var page = pending == PendingStep.PasswordChange ? "/sign-in/password" : "/sign-in/second-factor";
        return $"{page}?returnUrl={Uri.EscapeDataString(context.Request.Path + context.Request.QueryString)}";
    }

    [LoggerMessage(LogLevel.Error, "The endpoint {Endpoint} declares no access rule and is refused.")]
    private static partial void LogUndeclared(ILogger logger, string? endpoint);
}
