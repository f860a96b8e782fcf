using ControlPlane.Core.Access;
using ControlPlane.Core.Audit;
using ControlPlane.Core.Identity;
using ControlPlane.Core.Identity.External;
using ControlPlane.Core.OpenId;
using ControlPlane.Core.OpenId.Providers;
using ControlPlane.Core.Results;
using ControlPlane.Web.Look;
using Microsoft.AspNetCore.Authentication;

namespace ControlPlane.Api.SignIn.OpenId;

/// <summary>Sign-in at a provider: the way there, and what becomes of its answer.</summary>
internal sealed partial class OpenIdSignIn(
    OpenIdHandlers handlers, OpenIdPeople people, IExternalAccounts accounts, Core.Identity.SignIn signIn, AccessGate gate, AuditTrail audit,
    TimeProvider clock, ILogger<OpenIdSignIn> logger)
{
    private const string Action = "auth.login";

    public async Task<IResult> BeginAsync(HttpContext context, OpenIdProvider provider, string? returnUrl)
    {
        context.Response.Headers.CacheControl = "no-store";
        try
        {
            return await WithDeadlineAsync(context, async () =>
            {
                var handler = await handlers.CreateAsync(provider, context);
                await handler.ChallengeAsync(new AuthenticationProperties { RedirectUri = LocalUrl.OrHome(returnUrl) });
                return (IResult)Results.Empty;
            });
        }
        catch (Exception error) when (!context.RequestAborted.IsCancellationRequested)
        {
            // Whatever the libraries make of a provider that does not answer as it should, it is the provider's doing.
            LogFailed(logger, provider.Id, "unavailable", Describe(error));
            context.Response.Headers.Remove("Set-Cookie");
            return OpenIdProblemPage.Of(provider.DisplayName, "unavailable");
        }
    }

    public async Task<IResult> FinishAsync(HttpContext context, OpenIdProvider provider)
    {
        context.Response.Headers.CacheControl = "no-store";
        var attempt = OpenIdAttempt.Of(context);
        try
        {
            await WithDeadlineAsync(context, async () => await (await handlers.CreateAsync(provider, context)).HandleRequestAsync());
        }
        catch (Exception error) when (!context.RequestAborted.IsCancellationRequested)
        {
            attempt.Failure = error;
        }

        if (!attempt.Succeeded || attempt.Failure is not null || attempt.IsDenied)
        {
            return await RefuseAsync(context, provider, attempt);
        }

        var person = await people.ReadAsync(provider, attempt.Issuer, attempt.Subject, attempt.Claims, context.RequestAborted);
        var system = Caller.System(context.GetRequestId()) with { Name = provider.Source, RemoteAddress = context.GetRemoteAddress() };
        var account = await accounts.ProvisionAsync(person, system, context.RequestAborted);
        if (!account.IsSuccess)
        {
            return OpenIdProblemPage.Of(account.Error);
        }

        var how = new OpenSession(
            provider.Source, context.GetRemoteAddress(), context.Request.Headers.UserAgent.ToString(), context.GetRequestId(),
            ProviderLogout.SessionKey(attempt.Issuer, attempt.Claims.First("sid")));
        var ticket = await signIn.OpenAsync(account.Value.Id, how, context.RequestAborted);
        if (!ticket.IsSuccess)
        {
            return OpenIdProblemPage.Of(ticket.Error);
        }

        // The old session of this browser ends; the new one has a new id.
        await signIn.SignOutAsync(context.GetCaller(), context.RequestAborted);
        SessionCookie.Append(context.Response, ticket.Value);
        context.Response.Cookies.Append(OpenIdCookies.Provider, provider.Id, ProviderCookieOptions());
        return Results.LocalRedirect(LocalUrl.OrHome(attempt.ReturnUrl));
    }

    public static CookieOptions ProviderCookieOptions() =>
        new() { Secure = true, HttpOnly = true, SameSite = SameSiteMode.Lax, Path = "/", IsEssential = true };

    private async Task<IResult> RefuseAsync(HttpContext context, OpenIdProvider provider, OpenIdAttempt attempt)
    {
        var reason = attempt.Reason;
        var caller = Caller.Anonymous(context.GetRequestId(), context.GetRemoteAddress());
        var target = new AuditObject("settings", provider.Source);
        if (attempt.IsOurs)
        {
            await audit.RecordAsync(caller, Action, target, AuditTrail.Refused, $"openid.{reason}", context.RequestAborted);
        }
        else
        {
            // Anybody can send these: counted, not one row each.
            await gate.RefuseAsync(caller, Action, target, new UnauthenticatedError($"openid.{reason}", reason), context.RequestAborted);
        }

        LogFailed(logger, provider.Id, reason, attempt.Failure is null ? "" : Describe(attempt.Failure));
        return OpenIdProblemPage.Of(provider.DisplayName, reason);
    }

    /// <summary>All that the handler waits for ends with the request: so the request ends sooner, for as long as the handler runs.</summary>
    private async Task<T> WithDeadlineAsync<T>(HttpContext context, Func<Task<T>> run)
    {
        var aborted = context.RequestAborted;
        using var deadline = new CancellationTokenSource(ProviderDeadlines.Step, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(aborted, deadline.Token);
        context.RequestAborted = either.Token;
        try
        {
            return await run();
        }
        finally
        {
            context.RequestAborted = aborted;
        }
    }

    /// <summary>One line without what a provider could put into it.</summary>
    private static string Describe(Exception error)
    {
        var text = $"{error.GetType().Name}: {(error.InnerException ?? error).Message}";
        var clean = new string([.. text.Where(c => !char.IsControl(c))]);
        return clean.Length <= 400 ? clean : clean[..400] + "…";
    }

    [LoggerMessage(LogLevel.Warning, "A sign-in at the OpenID provider {Provider} failed ({Reason}): {Detail}")]
    private static partial void LogFailed(ILogger logger, string provider, string reason, string detail);
}
