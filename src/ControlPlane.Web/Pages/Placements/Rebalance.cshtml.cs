using ControlPlane.Contracts.Rest.Placements;
using ControlPlane.Core.Identity;
using ControlPlane.Core.Placement.Simulation;
using ControlPlane.Web.Shell;
using Microsoft.AspNetCore.Mvc;

namespace ControlPlane.Web.Pages;

[RequireSignIn("What is shown is decided in Core.")]
public sealed class RebalanceModel(RebalancePreview preview) : DashboardPage
{
    public RebalanceView? View { get; private set; }

    public async Task<IActionResult> OnGetAsync()
    {
        var found = await preview.GetAsync(Caller, RebalancePreview.DefaultLimit, HttpContext.RequestAborted);
        if (!found.IsSuccess)
        {
            return Missing(found.Error);
        }

        View = found.Value;
        return Page();
    }
}
