using ControlPlane.Contracts.Rest.Containers;
using ControlPlane.Core.Containers;
using ControlPlane.Core.Identity;
using ControlPlane.Core.Lists;
using ControlPlane.Core.Nodes;
using ControlPlane.Core.Results;
using ControlPlane.Core.State;
using ControlPlane.Web.Look;
using ControlPlane.Web.Nodes;
using ControlPlane.Web.Shell;
using Microsoft.AspNetCore.Mvc;

namespace ControlPlane.Web.Pages;

[RequireSignIn("What is shown is decided in Core, per node.")]
public sealed class NodeModel(NodeService nodes, ContainerQueries containers) : DashboardPage
{
    private const int Shown = 200;
    private NodeRecord? _node;

    public NodeRecord Node => _node ?? throw new InvalidOperationException("The page is rendered only when there is a node.");

    public string Tab { get; private set; } = "containers";

    public IReadOnlyList<ContainerView> Containers { get; private set; } = [];

    public IActionResult OnGet(string id, string? tab)
    {
        if (tab is not (null or "containers" or "resources" or "config"))
        {
            return NotFound();
        }

        if (Load(id) is { } missing)
        {
            return missing;
        }

        Tab = tab ?? Tab;
        if (Tab == "containers")
        {
            var found = containers.List(Caller, new ContainerFilter { Nodes = [Node.Id], List = new ListRequest { Limit = Shown, SortKey = "name" } });
            Containers = found.IsSuccess ? found.Value.Items : [];
        }

        return Page();
    }

    public IActionResult OnGetHeader(string id) => Load(id) ?? Partial("_Header", this);

    public async Task<IActionResult> OnPostAvailabilityAsync(string id, NodeAvailability to, long? revision)
    {
        var changed = await nodes.UpdateAsync(Caller, id, new NodeChange { Availability = to }, revision, HttpContext.RequestAborted);
        return Answer(changed, $"{StateLook.Of(to).Word}.", id);
    }

    public async Task<IActionResult> OnPostLabelsAsync(string id, string? labels, long? revision)
    {
        var (read, error) = LabelText.Read(labels);
        if (error is not null)
        {
            return Told(new InvalidError([error]), Back(id));
        }

        var changed = await nodes.UpdateAsync(Caller, id, new NodeChange { Labels = read }, revision, HttpContext.RequestAborted);
        return Answer(changed, "Labels saved.", id);
    }

    public async Task<IActionResult> OnPostApproveAsync(string id) =>
        Answer(await nodes.ApproveAsync(Caller, id, HttpContext.RequestAborted), "Approved. The node connects in a moment.", id);

    public async Task<IActionResult> OnPostRemoveAsync(string id, bool force) =>
        Answer(await nodes.RemoveAsync(Caller, id, force, HttpContext.RequestAborted), "Removed.", id, "/nodes");

    private IActionResult Answer<T>(Result<T> result, string text, string id, string? then = null) =>
        result.IsSuccess ? Told(new Notice(text), then ?? Back(id)) : Told(result.Error, Back(id));

    private static string Back(string id) => $"/nodes/{Uri.EscapeDataString(id)}";

    private IActionResult? Load(string id)
    {
        var found = nodes.Get(Caller, id);
        if (!found.IsSuccess)
        {
            return Missing(found.Error);
        }

        _node = found.Value;
        return null;
    }
}
