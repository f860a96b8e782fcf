using ControlPlane.Core.Identity;
using ControlPlane.Core.Results;
using ControlPlane.Web.Look;
using ControlPlane.Web.Shell;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace ControlPlane.Web.Pages;

[RequireSignIn("finishes the caller's own sign-in")]
[AllowPending]
public sealed class SignInSecondFactorModel(PendingSignIn steps) : DashboardPage
{
    public string ReturnUrl { get; private set; } = "/";

    public string ContinueUrl { get; private set; } = "/";

    public bool NeedsSetup { get; private set; }

    public SecondFactorSetup? Setup { get; private set; }

    public IReadOnlyList<string>? RecoveryCodes { get; private set; }

    public async Task<IActionResult> OnGetAsync(string? returnUrl)
    {
        ReturnUrl = LocalUrl.OrHome(returnUrl);
        if (Caller.Pending != PendingStep.SecondFactor)
        {
            return LocalRedirect(SignInModel.Next(Caller.Pending, ReturnUrl));
        }

        NeedsSetup = await steps.NeedsSetupAsync(Caller, HttpContext.RequestAborted);
        return Page();
    }

    public async Task<IActionResult> OnPostSetupAsync(string? returnUrl)
    {
        ReturnUrl = LocalUrl.OrHome(returnUrl);
        NeedsSetup = true;
        var setup = await steps.BeginSetupAsync(Caller, HttpContext.RequestAborted);
        return setup.IsSuccess ? Shown(setup.Value) : await RefusedAsync(setup.Error);
    }

    public async Task<IActionResult> OnPostAsync(string? code, string? returnUrl)
    {
        ReturnUrl = LocalUrl.OrHome(returnUrl);
        var step = await steps.SecondFactorAsync(Caller, code, HttpContext.RequestAborted);
        if (!step.IsSuccess)
        {
            return await RefusedAsync(step.Error);
        }

        SessionCookie.Append(Response, step.Value.Ticket);
        ContinueUrl = SignInModel.Next(step.Value.Ticket.Pending, ReturnUrl);
        RecoveryCodes = step.Value.RecoveryCodes;
        return RecoveryCodes is null ? LocalRedirect(ContinueUrl) : Page();
    }

    private PageResult Shown(SecondFactorSetup setup)
    {
        Setup = setup;
        return Page();
    }

    private async Task<IActionResult> RefusedAsync(Error error)
    {
        Problem = ProblemOf(error);
        Response.StatusCode = Problem.Status;
        NeedsSetup = await steps.NeedsSetupAsync(Caller, HttpContext.RequestAborted);
        return Page();
    }
}
