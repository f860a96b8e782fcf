using ControlPlane.Contracts.Rest;
using ControlPlane.Core.Containers;
using ControlPlane.Core.Identity;
using ControlPlane.Core.Nodes;
using ControlPlane.Core.Placement.Simulation;
using ControlPlane.Core.Results;
using ControlPlane.Web.Placements;
using ControlPlane.Web.Shell;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace ControlPlane.Web.Pages;

/// <summary>What would go where. It changes nothing, so the whole question is in the address.</summary>
[RequireSignIn("Core decides who may create, and which nodes are shown.")]
public sealed class SimulateModel(PlacementSimulation simulation, PlacementQueries placements, NodeSight nodes) : DashboardPage
{
    public SimulateForm Form { get; private set; } = new();

    public SimulationTable? Table { get; private set; }

    /// <summary>Names of the nodes, for the fields that name one.</summary>
    public IEnumerable<string> Nodes => nodes.List(Caller) is { IsSuccess: true } all ? all.Value.Select(node => node.Name) : [];

    public async Task<IActionResult> OnGetAsync(SimulateForm form, string? from)
    {
        Form = form;
        if (from is not null)
        {
            var asked = await placements.AskedAsync(Caller, from, HttpContext.RequestAborted);
            if (!asked.IsSuccess)
            {
                return Missing(asked.Error);
            }

            Form = SimulateForm.From(asked.Value);
        }

        var unreadable = ModelState.Where(entry => entry.Value!.Errors.Count > 0).Select(entry => new FieldError(entry.Key, "This is not a number that fits here.")).ToList();
        if (unreadable.Count > 0)
        {
            return Refused(new InvalidError(unreadable));
        }

        if (Form.IsEmpty)
        {
            return Page();
        }

        var ran = await simulation.RunAsync(Caller, Form.ToRequest(), HttpContext.RequestAborted);
        if (!ran.IsSuccess)
        {
            return Refused(ran.Error);
        }

        Table = new SimulationTable(ran.Value);
        return Page();
    }

    /// <summary>The path of a field without what every path here begins with.</summary>
    public static string FieldName(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return path.Replace("requests[0].request.", "", StringComparison.Ordinal).Replace("requests[0].", "", StringComparison.Ordinal).Replace("changes.", "", StringComparison.Ordinal);
    }

    private PageResult Refused(Error error)
    {
        Problem = ProblemOf(error);
        Response.StatusCode = Problem.Status;
        return Page();
    }
}
