using ControlPlane.Core.Access;
using ControlPlane.Core.Identity;
using ControlPlane.Web.Look;
using ControlPlane.Web.Shell;
using Microsoft.AspNetCore.Mvc;

namespace ControlPlane.Web.Pages;

[Open("Signing in is how somebody becomes known.")]
public sealed class SignInModel(SignIn signIn) : DashboardPage
{
    public string ReturnUrl { get; private set; } = "/";

    public string? Name { get; private set; }

    public IActionResult OnGet(string? returnUrl)
    {
        ReturnUrl = LocalUrl.OrHome(returnUrl);
        return Caller.Kind == CallerKind.Session ? LocalRedirect(Next(Caller.Pending, ReturnUrl)) : Page();
    }

    public async Task<IActionResult> OnPostAsync(string? name, string? password, string? returnUrl)
    {
        ReturnUrl = LocalUrl.OrHome(returnUrl);
        Name = name;
        var ticket = await signIn.PasswordAsync(
            name, password, HttpContext.GetRemoteAddress(), Request.Headers.UserAgent, HttpContext.GetRequestId(), HttpContext.RequestAborted);
        if (!ticket.IsSuccess)
        {
            Problem = ProblemOf(ticket.Error);
            Response.StatusCode = Problem.Status;
            return Page();
        }

        // The old session of this browser ends; the new one has a new id.
        await signIn.SignOutAsync(Caller, HttpContext.RequestAborted);
        SessionCookie.Append(Response, ticket.Value);
        return LocalRedirect(Next(ticket.Value.Pending, ReturnUrl));
    }

    public async Task<IActionResult> OnPostOutAsync()
    {
        await signIn.SignOutAsync(Caller, HttpContext.RequestAborted);
        SessionCookie.Delete(Response);
        return LocalRedirect("/sign-in");
    }

    /// <summary>Where a sign-in goes on: to what is pending, then to where somebody wanted to go.</summary>
    internal static string Next(string? pending, string returnUrl) => pending switch
    {
        PendingStep.SecondFactor => $"/sign-in/second-factor?returnUrl={Uri.EscapeDataString(returnUrl)}",
        PendingStep.PasswordChange => $"/sign-in/password?returnUrl={Uri.EscapeDataString(returnUrl)}",
        _ => returnUrl,
    };
}
