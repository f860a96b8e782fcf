using ControlPlane.Core.Access;
using ControlPlane.Core.Identity;
using ControlPlane.Web.Shell;
using Microsoft.AspNetCore.Mvc;

namespace ControlPlane.Web.Pages.Access;

/// <summary>Goes to the first page of the section that the caller may see.</summary>
[RequireSignIn("each page behind it asks for its own right")]
public sealed class IndexModel(Authorizer authorizer) : DashboardPage
{
    private static readonly (string Permission, string Page)[] Pages =
    [
        (Permission.UsersRead, "/access/users"), (Permission.TeamsRead, "/access/teams"), (Permission.GrantsRead, "/access/grants"),
        (Permission.CollectionsRead, "/access/collections"), (Permission.SettingsRead, "/access/directory"), (Permission.AuditRead, "/access/audit"),
    ];

    public IActionResult OnGet() =>
        LocalRedirect(Pages.FirstOrDefault(page => authorizer.CheckAnywhere(Caller, page.Permission) is null).Page ?? "/profile");
}
