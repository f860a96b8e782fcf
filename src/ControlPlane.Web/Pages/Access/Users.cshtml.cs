using ControlPlane.Contracts.Rest.Users;
using ControlPlane.Core.Access;
using ControlPlane.Core.Identity;
using ControlPlane.Core.Lists;
using ControlPlane.Web.Shell;
using Microsoft.AspNetCore.WebUtilities;

namespace ControlPlane.Web.Pages.Access;

[RequirePermission(Permission.UsersRead)]
public sealed class UsersModel(UserQueries users) : DashboardPage
{
    private const int PageSize = 100;

    public IReadOnlyList<UserView> Items { get; private set; } = [];

    public long Total { get; private set; }

    public string? Kind { get; private set; }

    public string? Source { get; private set; }

    public string? State { get; private set; }

    public string? Text { get; private set; }

    public string? NextUrl { get; private set; }

    public async Task OnGetAsync(string? kind, string? source, string? state, string? q, string? cursor)
    {
        (Kind, Source, State, Text) = (OrNull(kind), OrNull(source), OrNull(state), OrNull(q));
        var filter = new UserFilter
        {
            Kinds = Kind is null ? [] : [Kind],
            Sources = Source is null ? [] : [Source],
            States = State is null ? [] : [State],
            List = new ListRequest { Limit = PageSize, Text = Text, Cursor = OrNull(cursor) },
        };
        var found = await users.ListAsync(Caller, filter, HttpContext.RequestAborted);
        if (!found.IsSuccess)
        {
            Problem = ProblemOf(found.Error);
            Response.StatusCode = Problem.Status;
            return;
        }

        (Items, Total) = (found.Value.Items, found.Value.Total);
        NextUrl = found.Value.NextCursor is { } next
            ? QueryHelpers.AddQueryString("/access/users", new Dictionary<string, string?> { ["kind"] = Kind, ["source"] = Source, ["state"] = State, ["q"] = Text, ["cursor"] = next })
            : null;
    }

    private static string? OrNull(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
