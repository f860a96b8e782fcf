using ControlPlane.Core.Directories.Synchronising;
using ControlPlane.Core.Identity;
using ControlPlane.Web.Shell;
using Microsoft.AspNetCore.Mvc;

namespace ControlPlane.Web.Pages.Access;

/// <summary>One synchronisation with its log.</summary>
[RequireSignIn("Core decides who may see and change settings.")]
public sealed class DirectoryRunModel(DirectorySync sync) : DashboardPage
{
    public DirectorySyncView Run { get; private set; } = null!;

    public async Task<IActionResult> OnGetAsync(string id)
    {
        var run = await sync.GetAsync(Caller, id, HttpContext.RequestAborted);
        if (!run.IsSuccess)
        {
            return Missing(run.Error);
        }

        Run = run.Value;
        return Page();
    }
}
