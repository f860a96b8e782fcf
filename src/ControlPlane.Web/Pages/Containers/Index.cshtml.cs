using ControlPlane.Contracts.Rest;
using ControlPlane.Contracts.Rest.Containers;
using ControlPlane.Core.Access;
using ControlPlane.Core.Containers;
using ControlPlane.Core.Identity;
using ControlPlane.Web.Containers;
using ControlPlane.Web.Look;
using ControlPlane.Web.Shell;
using Microsoft.AspNetCore.Mvc;

namespace ControlPlane.Web.Pages;

[RequireSignIn("What is shown is decided in Core, per container.")]
public sealed class ContainersModel(ContainerQueries containers, ContainerCounts counts, ContainerBulk bulk, Authorizer authorizer) : DashboardPage
{
    public ContainerListQuery Query { get; private set; } = new();

    public Page<ContainerView> Found { get; private set; } = new([], null, 0);

    public ContainerFacets Facets { get; private set; } = new([], [], [], []);

    public bool MayCreate => authorizer.MaySee(Caller, Permission.ContainersCreate, Collections.Shared);

    public void OnGet()
    {
        Query = ContainerListQuery.From(Request.Query);
        var filter = Query.ToFilter();
        var found = containers.List(Caller, filter);
        if (!found.IsSuccess)
        {
            Problem = ProblemOf(found.Error);
            Response.StatusCode = Problem.Status;
            return;
        }

        Found = found.Value;
        Facets = counts.Facets(Caller, filter);
    }

    public async Task<IActionResult> OnPostBulkAsync(ActionForm form, string[] ids)
    {
        ArgumentNullException.ThrowIfNull(form);
        if (form.ToAction() is not { } action || ids is not { Length: > 0 })
        {
            return Told(new Notice("Nothing was selected. Select containers first.", IsError: true), "/containers");
        }

        ids = [.. ids.Distinct(StringComparer.Ordinal)];
        var started = await bulk.StartAsync(Caller, action, ids, HttpContext.RequestAborted);
        var what = $"{ActionForm.Word(action)} {(ids.Length == 1 ? "one container" : $"{ids.Length} containers")}: begun.";
        return started.IsSuccess ? Told(Notice.Of(what, started.Value), "/containers") : Told(started.Error, "/containers");
    }
}
