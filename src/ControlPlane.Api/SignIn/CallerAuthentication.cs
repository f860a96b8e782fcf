using System.Security.Claims;
using System.Text.Encodings.Web;
using ControlPlane.Api.Rest.Conventions;
using ControlPlane.Core.Access;
using ControlPlane.Core.Identity;
using ControlPlane.Core.Results;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace ControlPlane.Api.SignIn;

/// <summary>Finds out who asks: an API token, or else the session cookie where cookies count.</summary>
internal sealed class CallerAuthenticationHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory loggers, UrlEncoder encoder, ApiTokens tokens, WebSessions sessions)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
{
    public const string SchemeName = "ControlPlane";

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var caller = await FindAsync();
        if (caller is null)
        {
            return AuthenticateResult.NoResult();
        }

        Context.SetCaller(caller);
        var identity = new ClaimsIdentity([new Claim(ClaimTypes.NameIdentifier, caller.Id), new Claim(ClaimTypes.Name, caller.Name)], SchemeName);
        return AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), SchemeName));
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        if (IsPage())
        {
            // The path of this very request, so it is local; the sign-in page checks again.
            Response.Redirect($"/sign-in?returnUrl={Uri.EscapeDataString(Request.Path + Request.QueryString)}");
            return Task.CompletedTask;
        }

        Response.Headers.WWWAuthenticate = "Bearer";
        return new ProblemResult(new UnauthenticatedError("auth.required", "Sign in or send an API token.")).ExecuteAsync(Context);
    }

    private async ValueTask<Caller?> FindAsync()
    {
        // A request that shows a token is judged by it alone.
        if (Request.Headers.TryGetValue("X-API-Key", out var key))
        {
            return key is [{ } only] ? await tokens.FindAsync(only, Context.GetRemoteAddress(), Context.RequestAborted) : null;
        }

        if (Request.Headers.Authorization is { Count: > 0 } authorization)
        {
            return authorization is [{ } value] && value.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase)
                ? await tokens.FindAsync(value["Bearer ".Length..].Trim(), Context.GetRemoteAddress(), Context.RequestAborted)
                : null;
        }

        return CookieScope.Covers(Request.Path) && Request.Cookies.TryGetValue(SessionCookie.Name, out var cookie)
            ? await sessions.FindAsync(cookie, Context.RequestAborted)
            : null;
    }

    private bool IsPage() =>
        (HttpMethods.IsGet(Request.Method) || HttpMethods.IsHead(Request.Method))
        && CookieScope.IsPage(Request.Path) && !Request.Headers.ContainsKey("HX-Request");
}

/// <summary>Registers and runs it.</summary>
internal static class CallerAuthentication
{
    public static void AddCallerAuthentication(this IServiceCollection services)
    {
        services.AddAuthentication(CallerAuthenticationHandler.SchemeName)
            .AddScheme<AuthenticationSchemeOptions, CallerAuthenticationHandler>(CallerAuthenticationHandler.SchemeName, null);
        services.AddHttpContextAccessor();
        // Endpoints, pages and hubs take a Caller like any service.
        services.AddScoped(provider => provider.GetRequiredService<IHttpContextAccessor>().HttpContext?.GetCaller()
            ?? throw new InvalidOperationException("There is a caller only within a request."));
    }

    public static void UseCallerAuthentication(this WebApplication app) => app.UseAuthentication();
}
