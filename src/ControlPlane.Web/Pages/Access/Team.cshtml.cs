using ControlPlane.Core.Access.Administration;
using ControlPlane.Core.Identity;
using ControlPlane.Core.Results;
using ControlPlane.Web.Access;
using ControlPlane.Web.Look;
using ControlPlane.Web.Shell;
using Microsoft.AspNetCore.Mvc;

namespace ControlPlane.Web.Pages.Access;

/// <summary>One team with its members; <c>new</c> for the one to be made.</summary>
[RequireSignIn("Core decides who may see and change teams.")]
public sealed class TeamModel(TeamService teams) : DashboardPage
{
    public const int Most = 500;

    public TeamView? Team { get; private set; }

    public IReadOnlyList<TeamMemberView> Members { get; private set; } = [];

    [BindProperty]
    public TeamForm Form { get; set; } = new();

    public async Task<IActionResult> OnGetAsync(string id)
    {
        if (id == "new")
        {
            return Page();
        }

        if (await ReadAsync(id) is { } error)
        {
            return Missing(error);
        }

        Form = TeamForm.From(Team!);
        return Page();
    }

    public async Task<IActionResult> OnPostAsync(string id)
    {
        var saved = id == "new"
            ? await teams.CreateAsync(Caller, Form.ToRequest(), HttpContext.RequestAborted)
            : await teams.PutAsync(Caller, id, Form.ToRequest(), Form.Revision, HttpContext.RequestAborted);
        if (saved.IsSuccess)
        {
            return Told(new Notice($"The team {saved.Value.Name} was saved."), $"/access/teams/{saved.Value.Id}");
        }

        if (id != "new" && await ReadAsync(id) is { } error)
        {
            return Missing(error);
        }

        Problem = ProblemOf(saved.Error);
        Response.StatusCode = Problem.Status;
        return Page();
    }

    public async Task<IActionResult> OnPostAddAsync(string id, string? user) =>
        After(await teams.AddMemberAsync(Caller, id, user ?? "", HttpContext.RequestAborted), $"{user} belongs to the team now.", id);

    public async Task<IActionResult> OnPostRemoveMemberAsync(string id, string? user) =>
        After(await teams.RemoveMemberAsync(Caller, id, user ?? "", HttpContext.RequestAborted), "Taken out of the team.", id);

    public async Task<IActionResult> OnPostRemoveAsync(string id)
    {
        var removed = await teams.DeleteAsync(Caller, id, Form.Revision, HttpContext.RequestAborted);
        return removed.IsSuccess ? Told(new Notice("The team was removed."), "/access/teams") : Told(removed.Error, Back(id));
    }

    private IActionResult After(Result<Done> result, string text, string id) =>
        result.IsSuccess ? Told(new Notice(text), Back(id)) : Told(result.Error, Back(id));

    private async Task<Error?> ReadAsync(string id)
    {
        var team = await teams.GetAsync(Caller, id, HttpContext.RequestAborted);
        if (!team.IsSuccess)
        {
            return team.Error;
        }

        var members = await teams.MembersAsync(Caller, team.Value.Id, HttpContext.RequestAborted);
        if (!members.IsSuccess)
        {
            return members.Error;
        }

        (Team, Members) = (team.Value, members.Value);
        return null;
    }

    private static string Back(string id) => $"/access/teams/{Uri.EscapeDataString(id)}";
}
