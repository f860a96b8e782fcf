using ControlPlane.Core.Access.Administration;
using ControlPlane.Core.Identity;
using ControlPlane.Core.Results;
using ControlPlane.Web.Access;
using ControlPlane.Web.Look;
using ControlPlane.Web.Shell;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace ControlPlane.Web.Pages.Access;

/// <summary>One role; <c>new</c> for the one to be made.</summary>
[RequireSignIn("Core decides who may see and change roles.")]
public sealed class RoleModel(RoleService roles) : DashboardPage
{
    public RoleView? Role { get; private set; }

    [BindProperty]
    public RoleForm Form { get; set; } = new();

    public async Task<IActionResult> OnGetAsync(string id)
    {
        if (id == "new")
        {
            return Page();
        }

        var found = await roles.GetAsync(Caller, id, HttpContext.RequestAborted);
        if (!found.IsSuccess)
        {
            return Missing(found.Error);
        }

        Role = found.Value;
        Form = new RoleForm { Name = Role.Name, Description = Role.Description, Permissions = [.. Role.Permissions], Revision = Role.Revision };
        return Page();
    }

    public async Task<IActionResult> OnPostAsync(string id)
    {
        var request = new RoleRequest(Form.Name ?? "", Form.Permissions, Form.Description);
        var saved = id == "new"
            ? await roles.CreateAsync(Caller, request, HttpContext.RequestAborted)
            : await roles.PutAsync(Caller, id, request, Form.Revision, HttpContext.RequestAborted);
        if (saved.IsSuccess)
        {
            return Told(new Notice($"The role {saved.Value.Name} was saved."), "/access/roles");
        }

        if (id != "new" && await roles.GetAsync(Caller, id, HttpContext.RequestAborted) is { IsSuccess: true } found)
        {
            Role = found.Value;
        }

        return Refused(saved.Error);
    }

    public async Task<IActionResult> OnPostRemoveAsync(string id)
    {
        var removed = await roles.DeleteAsync(Caller, id, Form.Revision, HttpContext.RequestAborted);
        return removed.IsSuccess ? Told(new Notice("The role was removed."), "/access/roles") : Told(removed.Error, $"/access/roles/{Uri.EscapeDataString(id)}");
    }

    private PageResult Refused(Error error)
    {
        Problem = ProblemOf(error);
        Response.StatusCode = Problem.Status;
        return Page();
    }
}
