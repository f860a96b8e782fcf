using ControlPlane.Contracts.Rest;
using ControlPlane.Contracts.Rest.Containers;
using ControlPlane.Core.Access;
using ControlPlane.Core.Containers;
using ControlPlane.Core.Identity;
using ControlPlane.Core.Results;
using ControlPlane.Web.Run;
using ControlPlane.Web.Shell;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace ControlPlane.Web.Pages;

[RequireSignIn("Core decides who may create, and where.")]
public sealed class RunModel(ContainerCreation creation, AccessStore access, Authorizer authorizer) : DashboardPage
{
    public static readonly IReadOnlyList<string> Policies = ["no", "on-failure", "unless-stopped", "always"];

    public static IReadOnlyList<string> Strategies => PlacementQueries.Strategies;

    /// <summary>Long enough for an image that is there; a pull goes on as an operation.</summary>
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(5);

    /// <summary>Where the caller may create containers; the default one first.</summary>
    public IEnumerable<string> CollectionPaths =>
        access.Current.Collections.Keys.Where(path => path is not ("/System" or "/Unmanaged") && authorizer.MaySee(Caller, Permission.ContainersCreate, path))
            .OrderByDescending(path => path == Collections.Shared).ThenBy(path => path, StringComparer.OrdinalIgnoreCase);

    public RunForm Form { get; private set; } = new();

    public PlacementView? Placement { get; private set; }

    public ContainerCreated? Created { get; private set; }

    public async Task<IActionResult> OnPostAsync(RunForm form, bool preview)
    {
        if (Unreadable(form) is { } invalid)
        {
            return invalid;
        }

        if (preview)
        {
            return await PreviewAsync();
        }

        var created = await creation.CreateAsync(Caller, RunRequest.From(form), Wait, HttpContext.RequestAborted);
        if (!created.IsSuccess)
        {
            return Refused(created.Error);
        }

        Created = created.Value;
        Placement = created.Value.Placement;
        return Page();
    }

    private async Task<PageResult> PreviewAsync()
    {
        var plan = await creation.PlanAsync(Caller, RunRequest.From(Form), HttpContext.RequestAborted);
        if (!plan.IsSuccess)
        {
            return Refused(plan.Error);
        }

        Placement = plan.Value;
        return Page();
    }

    /// <summary>What the form itself could not read (letters in a number) is said the same way as what admission refuses.</summary>
    private PageResult? Unreadable(RunForm form)
    {
        Form = form;
        var errors = ModelState.Where(entry => entry.Value!.Errors.Count > 0).Select(entry => new FieldError(entry.Key, "This is not a number that fits here.")).ToList();
        return errors.Count == 0 ? null : Refused(new InvalidError(errors));
    }

    private PageResult Refused(Error error)
    {
        Problem = ProblemOf(error);
        Placement = (error as PlacementError)?.Detail as PlacementView;
        // htmx shows the answer whatever its status; without scripts the page is the answer.
        Response.StatusCode = Problem.Status;
        return Page();
    }
}
