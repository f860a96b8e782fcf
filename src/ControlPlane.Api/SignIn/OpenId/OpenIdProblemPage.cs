using System.Globalization;
using System.Text.Encodings.Web;
using ControlPlane.Core.Identity;
using ControlPlane.Core.Results;

namespace ControlPlane.Api.SignIn.OpenId;

/// <summary>Why somebody was not signed in, for people. It works while everything else is broken: no view, no script.</summary>
internal sealed class OpenIdProblemPage(int status, string code, string title, string text) : IResult
{
    public static OpenIdProblemPage Of(string providerName, string reason) => reason switch
    {
        "denied" => new(400, "openid.denied", "Sign-in was cancelled", $"{providerName} says that access was not allowed. Nothing was changed."),
        "unavailable" => new(503, "openid.unavailable", $"{providerName} does not answer", "The provider is down or too slow. Try again in a moment, or sign in with a local account."),
        "provider_error" => new(400, "openid.provider_error", "Sign-in did not work", $"{providerName} answered with an error. An administrator finds the reason in the log of this server."),
        "state" => new(400, "openid.state", "This sign-in is not valid", "It was not begun in this browser, was used before, or took too long. Begin again."),
        "code" => new(400, "openid.code", "Sign-in did not work", $"{providerName} did not accept the code, or does not know this server's client id and secret. Begin again."),
        "nonce" => new(400, "openid.nonce", "This sign-in is not valid", "The answer belongs to another sign-in. Begin again."),
        _ => new(400, "openid.token", "Sign-in did not work", $"What {providerName} says could not be verified. An administrator finds the reason in the log of this server."),
    };

    /// <summary>The provider knows the person, we do not let them in.</summary>
    public static OpenIdProblemPage Of(Error error) => new(
        ErrorStatus.Of(error), error.Code,
        error.Code switch
        {
            "auth.no_access" => "No access",
            "account.name_taken" => "Your name is taken",
            _ => "You are not signed in",
        },
        error.Message);

    public static OpenIdProblemPage Unknown() => new(404, "oidc.not_found", "There is no such provider", "It may have been removed. Choose another way to sign in.");

    public Task ExecuteAsync(HttpContext httpContext)
    {
        Func<string, string> encode = HtmlEncoder.Default.Encode;
        httpContext.Response.StatusCode = status;
        httpContext.Response.ContentType = "text/html; charset=utf-8";
        httpContext.Response.Headers.CacheControl = "no-store";
        if (status == StatusCodes.Status503ServiceUnavailable)
        {
            httpContext.Response.Headers.RetryAfter = 5.ToString(CultureInfo.InvariantCulture);
        }

        return httpContext.Response.WriteAsync(
            $"""
             <!doctype html>
             <html lang="en">
             <head>
                 <meta charset="utf-8">
                 <meta name="viewport" content="width=device-width, initial-scale=1">
                 <title>{encode(title)} · ControlPlane</title>
                 <link rel="stylesheet" href="/assets/dist/style.css">
                 <link rel="stylesheet" href="/assets/dist/icons.css">
             </head>
             <body class="signin">
                 <main class="signin-card card">
                     <div class="cp-brand"><i class="ti ti-topology-star-3" aria-hidden="true"></i><span>ControlPlane</span></div>
                     <h1>{encode(title)}</h1>
                     <div class="problem" role="alert"><div>
                         <div>{encode(text)}</div>
                         <div class="request-id">Reason <code>{encode(code)}</code> · request <code>{encode(httpContext.GetRequestId())}</code></div>
                     </div></div>
                     <a class="btn btn-primary w-100" href="/sign-in">To the sign-in page</a>
                 </main>
             </body>
             </html>
             """,
            httpContext.RequestAborted);
    }
}
