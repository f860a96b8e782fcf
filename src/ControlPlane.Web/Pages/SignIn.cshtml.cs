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
        return Caller.Kind == CallerKind.Session ? LocalRedirect(ReturnUrl) : Page();
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

        SessionCookie.Append(Response, ticket.Value);
        return LocalRedirect(ReturnUrl);
    }

    public async Task<IActionResult> OnPostOutAsync()
    {
        await signIn.SignOutAsync(Caller, HttpContext.RequestAborted);
        SessionCookie.Delete(Response);
        return LocalRedirect("/sign-in");
    }
}
