using ControlPlane.Core.Access.Administration;
using ControlPlane.Core.Identity;
using ControlPlane.Web.Access;
using ControlPlane.Web.Look;
using ControlPlane.Web.Shell;
using Microsoft.AspNetCore.Mvc;

namespace ControlPlane.Web.Pages.Access;

/// <summary>One collection with its policy; without a path the one to be made.</summary>
[RequireSignIn("Core decides who may see and change collections.")]
public sealed class CollectionModel(CollectionService collections) : DashboardPage
{
    public CollectionView? Collection { get; private set; }

    [BindProperty]
    public CollectionForm Form { get; set; } = new();

    public IActionResult OnGet(string? path)
    {
        if (path is null)
        {
            return Page();
        }

        var found = collections.Get(Caller, path);
        if (!found.IsSuccess)
        {
            return Missing(found.Error);
        }

        Collection = found.Value;
        Form = CollectionForm.From(Collection);
        return Page();
    }

    public async Task<IActionResult> OnPostAsync(string? path)
    {
        if (path is not null)
        {
            var found = collections.Get(Caller, path);
            if (!found.IsSuccess)
            {
                return Missing(found.Error);
            }

            Collection = found.Value;
        }

        var policy = Form.ToPolicy(Collection?.Policy);
        var saved = path is null
            ? await collections.CreateAsync(Caller, new CollectionRequest(Form.Path ?? "", Form.Description, policy), HttpContext.RequestAborted)
            : await collections.PutAsync(Caller, path, new CollectionChange(Form.Description, policy), Form.Revision, HttpContext.RequestAborted);
        if (saved.IsSuccess)
        {
            return Told(new Notice($"The collection {saved.Value.Path} was saved."), "/access/collections");
        }

        Problem = ProblemOf(saved.Error);
        Response.StatusCode = Problem.Status;
        return Page();
    }

    public async Task<IActionResult> OnPostRemoveAsync(string? path)
    {
        var removed = await collections.DeleteAsync(Caller, path ?? "", Form.Revision, HttpContext.RequestAborted);
        return removed.IsSuccess
            ? Told(new Notice("The collection was removed."), "/access/collections")
            : Told(removed.Error, $"/access/collections/edit?path={Uri.EscapeDataString(path ?? "")}");
    }
}
