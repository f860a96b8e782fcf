using ControlPlane.Contracts.Rest;
using ControlPlane.Contracts.Rest.Operations;
using ControlPlane.Core.Identity;
using ControlPlane.Core.Lists;
using ControlPlane.Core.Operations;
using ControlPlane.Web.Shell;
using Microsoft.AspNetCore.Mvc;

namespace ControlPlane.Web.Pages;

[RequireSignIn("What is shown is decided in Core.")]
public sealed class ActivityModel(OperationLog operations) : DashboardPage
{
    public Page<OperationView> Found { get; private set; } = new([], null, 0);

    public async Task OnGetAsync(string? cursor)
    {
        var found = await operations.ListAsync(Caller, new ListRequest { Cursor = string.IsNullOrEmpty(cursor) ? null : cursor }, null, HttpContext.RequestAborted);
        Problem = found.IsSuccess ? null : ProblemOf(found.Error);
        Found = found.IsSuccess ? found.Value : Found;
    }

    public IActionResult OnGetTray() => Partial("_Running", operations.Running(Caller));
}
