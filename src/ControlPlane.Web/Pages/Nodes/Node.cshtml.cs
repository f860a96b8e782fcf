using ControlPlane.Contracts.Rest.Containers;
using ControlPlane.Contracts.Rest.Nodes;
using ControlPlane.Core.Access;
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
public sealed class NodeModel(NodeSight nodes, NodeService service, ContainerQueries containers, AccessStore access, Authorizer authorizer) : DashboardPage
{
    private const int Shown = 200;
    private NodeRecord? _node;

    public NodeRecord Node => _node ?? throw new InvalidOperationException("The page is rendered only when there is a node.");

    public string Tab { get; private set; } = "containers";

    /// <summary>Where the caller may move it.</summary>
    public IReadOnlyList<string> CollectionPaths => May(Permission.NodesUpdate)
        ? [.. access.Current.Collections.Keys.Where(path => authorizer.MaySee(Caller, Permission.NodesUpdate, path)).Order(StringComparer.OrdinalIgnoreCase)]
        : [];

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
        var changed = await service.UpdateAsync(Caller, id, new NodePatch { Availability = to.ToString().ToLowerInvariant() }, revision ?? NodeService.AnyRevision, HttpContext.RequestAborted);
        return Answer(changed, $"{StateLook.Of(to).Word}.", id);
    }

    public async Task<IActionResult> OnPostLabelsAsync(string id, string? labels, long? revision)
    {
        var (read, error) = LabelText.Read(labels);
        if (error is not null)
        {
            return Told(new InvalidError([error]), Back(id));
        }

        if (Load(id) is { } missing)
        {
            return missing;
        }

        // The form shows all of the server's labels: what is no longer in it goes.
        var patch = Node.ServerLabels.Keys.Where(key => !read.ContainsKey(key)).ToDictionary(key => key, _ => (string?)null, StringComparer.Ordinal);
        foreach (var (key, value) in read)
        {
            patch[key] = value;
        }

        var changed = await service.UpdateAsync(Caller, id, new NodePatch { Labels = patch }, revision ?? NodeService.AnyRevision, HttpContext.RequestAborted);
        return Answer(changed, "Labels saved.", id);
    }

    public async Task<IActionResult> OnPostCollectionAsync(string id, string? to, long? revision) =>
        Answer(
            await service.UpdateAsync(Caller, id, new NodePatch { Collection = to ?? "" }, revision ?? NodeService.AnyRevision, HttpContext.RequestAborted),
            $"It belongs to {to} now.", id);

    public async Task<IActionResult> OnPostApproveAsync(string id) =>
        Answer(await service.ApproveAsync(Caller, id, HttpContext.RequestAborted), "Approved. The node connects in a moment.", id);

    public async Task<IActionResult> OnPostRemoveAsync(string id, bool force) =>
        Answer(await service.RemoveAsync(Caller, id, force, ifMatch: null, HttpContext.RequestAborted), "Removed.", id, "/nodes");

    /// <summary>May the caller do this with the node? Only for what is shown; Core decides again.</summary>
    public bool May(string permission) => authorizer.MaySee(Caller, permission, Node.Collection);

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
