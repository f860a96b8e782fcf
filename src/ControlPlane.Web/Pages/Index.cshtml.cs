using ControlPlane.Contracts.Rest.Operations;
using ControlPlane.Core.Identity;
using ControlPlane.Core.Operations;
using ControlPlane.Core.Overview;
using ControlPlane.Web.Shell;
using Microsoft.AspNetCore.Mvc;

namespace ControlPlane.Web.Pages;

[RequireSignIn("What is shown is decided in Core.")]
public sealed class IndexModel(ClusterOverview overview, OperationLog operations) : DashboardPage
{
    public OverviewView? View { get; private set; }

    public IReadOnlyList<OperationView> Running { get; private set; } = [];

    public void OnGet()
    {
        var view = overview.Get(Caller);
        if (!view.IsSuccess)
        {
            Problem = ProblemOf(view.Error);
            return;
        }

        View = view.Value;
        Running = operations.Running(Caller);
    }

    /// <summary>The same page: the scripts take the part that they morph.</summary>
    public IActionResult OnGetBody()
    {
        OnGet();
        return Page();
    }
}
