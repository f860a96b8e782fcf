using ControlPlane.Core.Identity;
using ControlPlane.Core.Results;
using ControlPlane.Web.Look;
using ControlPlane.Web.Shell;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace ControlPlane.Web.Pages;

[RequireSignIn("finishes the caller's own sign-in")]
[AllowPending]
public sealed class SignInPasswordModel(PendingSignIn steps) : DashboardPage
{
    public string ReturnUrl { get; private set; } = "/";

    public IActionResult OnGet(string? returnUrl)
    {
        ReturnUrl = LocalUrl.OrHome(returnUrl);
        return Caller.Pending == PendingStep.PasswordChange ? Page() : LocalRedirect(SignInModel.Next(Caller.Pending, ReturnUrl));
    }

    public async Task<IActionResult> OnPostAsync(string? newPassword, string? again, string? returnUrl)
    {
        ReturnUrl = LocalUrl.OrHome(returnUrl);
        if (!string.Equals(newPassword, again, StringComparison.Ordinal))
        {
            return Refused(new InvalidError("newPassword", "is not the same twice"));
        }

        var step = await steps.PasswordAsync(Caller, newPassword, HttpContext.RequestAborted);
        if (!step.IsSuccess)
        {
            return Refused(step.Error);
        }

        SessionCookie.Append(Response, step.Value.Ticket);
        return LocalRedirect(SignInModel.Next(step.Value.Ticket.Pending, ReturnUrl));
    }

    private PageResult Refused(Error error)
    {
        Problem = ProblemOf(error);
        Response.StatusCode = Problem.Status;
        return Page();
    }
}
