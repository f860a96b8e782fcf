using ControlPlane.Contracts.Rest.Operations;
using ControlPlane.Core.Identity;
using ControlPlane.Core.Operations;
using ControlPlane.Web.Look;
using ControlPlane.Web.Shell;
using Microsoft.AspNetCore.Mvc;

namespace ControlPlane.Web.Pages;

[RequireSignIn("What is shown is decided in Core.")]
public sealed class OperationModel(OperationLog operations) : DashboardPage
{
    private OperationView? _operation;

    public OperationView Operation => _operation ?? throw new InvalidOperationException("The page is rendered only when there is an operation.");

    public async Task<IActionResult> OnGetAsync(string id)
    {
        var found = await operations.GetAsync(Caller, id, HttpContext.RequestAborted);
        if (!found.IsSuccess)
        {
            return Missing(found.Error);
        }

        _operation = found.Value;
        return Page();
    }

    public async Task<IActionResult> OnPostCancelAsync(string id)
    {
        var back = $"/activity/{Uri.EscapeDataString(id)}";
        var cancelled = await operations.CancelAsync(Caller, id, HttpContext.RequestAborted);
        return cancelled.IsSuccess ? Told(new Notice("It is being cancelled."), back) : Told(cancelled.Error, back);
    }
}
