using ControlPlane.Core.Access;
using ControlPlane.Core.Identity;
using ControlPlane.Core.Lists;
using ControlPlane.Web.Look;
using ControlPlane.Web.Shell;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.WebUtilities;

namespace ControlPlane.Web.Pages.Access;

[RequirePermission(Permission.UsersRead)]
public sealed class TokensModel(UserTokens tokens, Authorizer authorizer) : DashboardPage
{
    private const int PageSize = 100;

    public IReadOnlyList<ApiTokenView> Items { get; private set; } = [];

    public long Total { get; private set; }

    public string? Text { get; private set; }

    public bool MayRevoke => authorizer.Check(Caller, Permission.UsersUpdate, Collections.System) is null;

    public string? NextUrl { get; private set; }

    public async Task OnGetAsync(string? q, string? cursor)
    {
        Text = string.IsNullOrEmpty(q) ? null : q;
        var request = new ListRequest { Limit = PageSize, Text = Text, Cursor = string.IsNullOrEmpty(cursor) ? null : cursor };
        var found = await tokens.ListAllAsync(Caller, request, HttpContext.RequestAborted);
        if (!found.IsSuccess)
        {
            Problem = ProblemOf(found.Error);
            Response.StatusCode = Problem.Status;
            return;
        }

        (Items, Total) = (found.Value.Items, found.Value.Total);
        NextUrl = found.Value.NextCursor is { } next
            ? QueryHelpers.AddQueryString("/access/tokens", new Dictionary<string, string?> { ["q"] = Text, ["cursor"] = next })
            : null;
    }

    public async Task<IActionResult> OnPostRevokeTokenAsync(string user, string token)
    {
        var revoked = await tokens.RevokeAsync(Caller, user, token, HttpContext.RequestAborted);
        return revoked.IsSuccess ? Told(new Notice("Revoked."), "/access/tokens") : Told(revoked.Error, "/access/tokens");
    }
}
