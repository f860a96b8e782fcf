using ControlPlane.Core.Access;
using ControlPlane.Core.Access.Administration;
using ControlPlane.Core.Identity;
using ControlPlane.Web.Look;
using ControlPlane.Web.Shell;
using Microsoft.AspNetCore.Mvc;

namespace ControlPlane.Web.Pages.Access;

[RequireSignIn("Core decides who may see, give and take grants.")]
public sealed class GrantsModel(GrantService grants, AccessStore store, Authorizer authorizer) : DashboardPage
{
    public const int Most = 500;

    public IReadOnlyList<GrantView> Grants { get; private set; } = [];

    public string? Text { get; private set; }

    public string? RoleFilter { get; private set; }

    public string? SubjectKind { get; private set; }

    public string? Subject { get; private set; }

    public string? Role { get; private set; }

    public string? Collection { get; private set; }

    public bool MayCreate => authorizer.CheckAnywhere(Caller, Permission.GrantsCreate) is null;

    /// <summary>From the least to the most, so that nobody gives much by leaving the choice as it is; people's own after them.</summary>
    public IEnumerable<RoleDefinition> Roles => BuiltInRoles.All.Where(role => role.Id != BuiltInRoles.NoneId)
        .Concat(store.Current.Roles.Values.Where(role => !role.BuiltIn).OrderBy(role => role.Name, StringComparer.OrdinalIgnoreCase));

    public IEnumerable<string> Paths =>
        store.Current.Collections.Keys.Where(path => authorizer.MaySee(Caller, Permission.GrantsCreate, path)).Order(StringComparer.OrdinalIgnoreCase);

    public IEnumerable<string> Teams => authorizer.MaySee(Caller, Permission.TeamsRead, Collections.System)
        ? store.Current.Teams.Values.Select(team => team.Name).Order(StringComparer.OrdinalIgnoreCase).Take(Most)
        : [];

    public Task<IActionResult> OnGetAsync(string? q, string? role, string? collection, string? team, string? user)
    {
        (Collection, SubjectKind, Subject) = (collection, user is null ? "team" : "user", team ?? user);
        return ShowAsync(q, role);
    }

    public async Task<IActionResult> OnPostAsync(string? subjectKind, string? subject, string? role, string? collection)
    {
        (SubjectKind, Subject, Role, Collection) = (subjectKind, subject, role, collection);
        var made = await grants.CreateAsync(Caller, new GrantRequest(subjectKind ?? "", role ?? "", collection ?? "", subject), HttpContext.RequestAborted);
        if (made.IsSuccess)
        {
            return Told(new Notice($"{made.Value.SubjectName} has {made.Value.RoleName} on {made.Value.Collection} now."), "/access/grants");
        }

        var shown = await ShowAsync(null, null);
        Problem = ProblemOf(made.Error);
        Response.StatusCode = Problem.Status;
        return shown;
    }

    public async Task<IActionResult> OnPostRemoveAsync(string? id)
    {
        var removed = await grants.DeleteAsync(Caller, id ?? "", HttpContext.RequestAborted);
        return removed.IsSuccess ? Told(new Notice("The grant was taken away; it ends at once."), "/access/grants") : Told(removed.Error, "/access/grants");
    }

    private async Task<IActionResult> ShowAsync(string? q, string? role)
    {
        (Text, RoleFilter) = (q, role);
        var found = await grants.ListAsync(Caller, new GrantFilter([], [], role is null ? [] : [role], []), HttpContext.RequestAborted);
        if (!found.IsSuccess)
        {
            return Missing(found.Error);
        }

        Grants = [.. found.Value.Where(grant => string.IsNullOrEmpty(q) || $"{grant.SubjectName} {grant.RoleName} {grant.Collection}".Contains(q, StringComparison.OrdinalIgnoreCase))];
        return Page();
    }
}
