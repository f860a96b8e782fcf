using ControlPlane.Core.Access;
using ControlPlane.Core.Access.Administration;
using ControlPlane.Core.Identity;
using ControlPlane.Web.Shell;
using Microsoft.AspNetCore.Mvc;

namespace ControlPlane.Web.Pages.Access;

[RequireSignIn("Core decides who may see roles.")]
public sealed class RolesModel(RoleService roles, Authorizer authorizer) : DashboardPage
{
    public IReadOnlyList<RoleView> Roles { get; private set; } = [];

    public bool MayCreate => authorizer.MaySee(Caller, Permission.RolesCreate, Collections.System);

    public async Task<IActionResult> OnGetAsync()
    {
        var found = await roles.ListAsync(Caller, HttpContext.RequestAborted);
        if (!found.IsSuccess)
        {
            return Missing(found.Error);
        }

        Roles = found.Value;
        return Page();
    }
}
