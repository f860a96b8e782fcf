using ControlPlane.Core.Access.Administration;
using ControlPlane.Core.Identity;
using ControlPlane.Core.Results;
using ControlPlane.Web.Shell;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace ControlPlane.Web.Pages.Access;

[RequireSignIn("Everybody may ask about themselves; Core asks for more about others.")]
public sealed class EffectiveModel(EffectiveAccess access) : DashboardPage
{
    public static readonly IReadOnlyList<string> Kinds = ["collection", "container", "node"];

    public new string? User { get; private set; }

    public string Kind { get; private set; } = "collection";

    public string? Object { get; private set; }

    public string? Permission { get; private set; }

    public EffectiveOfUser? OfUser { get; private set; }

    public EffectiveOnObject? OnObject { get; private set; }

    /// <param name="user">Asks about somebody.</param>
    /// <param name="kind">Asks about a thing of this kind.</param>
    /// <param name="object">Its name.</param>
    /// <param name="permission">Only who has this right.</param>
    /// <param name="collection">Short for a collection's path.</param>
    public async Task<IActionResult> OnGetAsync(string? user, string? kind, string? @object, string? permission, string? collection)
    {
        (User, Kind, Object, Permission) = (user, Kinds.Contains(kind, StringComparer.Ordinal) ? kind! : "collection", @object ?? collection, string.IsNullOrEmpty(permission) ? null : permission);
        if (Object is { Length: > 0 } name)
        {
            return Show(await AskAsync(name), found => OnObject = found);
        }

        return Show(await access.OfUserAsync(Caller, User ??= Caller.Name, HttpContext.RequestAborted), found => OfUser = found);
    }

    private Task<Result<EffectiveOnObject>> AskAsync(string name) => Kind switch
    {
        "container" => access.OnContainerAsync(Caller, name, Permission, HttpContext.RequestAborted),
        "node" => access.OnNodeAsync(Caller, name, Permission, HttpContext.RequestAborted),
        _ => access.OnCollectionAsync(Caller, name, Permission, HttpContext.RequestAborted),
    };

    private PageResult Show<T>(Result<T> result, Action<T> keep)
    {
        if (result.IsSuccess)
        {
            keep(result.Value);
        }
        else
        {
            Problem = ProblemOf(result.Error);
            Response.StatusCode = Problem.Status;
        }

        return Page();
    }
}
