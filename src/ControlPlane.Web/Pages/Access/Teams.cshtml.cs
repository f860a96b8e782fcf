using ControlPlane.Core.Access;
using ControlPlane.Core.Access.Administration;
using ControlPlane.Core.Identity;
using ControlPlane.Web.Shell;
using Microsoft.AspNetCore.Mvc;

namespace ControlPlane.Web.Pages.Access;

[RequireSignIn("Core decides who may see teams.")]
public sealed class TeamsModel(TeamService teams, Authorizer authorizer) : DashboardPage
{
    public const int Most = 500;

    public IReadOnlyList<TeamView> Teams { get; private set; } = [];

    public string? Text { get; private set; }

    public bool MayCreate => authorizer.MaySee(Caller, Permission.TeamsCreate, Collections.System);

    public async Task<IActionResult> OnGetAsync(string? q)
    {
        var found = await teams.ListAsync(Caller, HttpContext.RequestAborted);
        if (!found.IsSuccess)
        {
            return Missing(found.Error);
        }

        Text = q;
        Teams = [.. found.Value.Where(team => string.IsNullOrEmpty(q) || team.Name.Contains(q, StringComparison.OrdinalIgnoreCase))];
        return Page();
    }
}
