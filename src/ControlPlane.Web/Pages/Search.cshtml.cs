using ControlPlane.Contracts.Rest.Containers;
using ControlPlane.Core.Containers;
using ControlPlane.Core.Identity;
using ControlPlane.Core.Lists;
using ControlPlane.Core.Nodes;
using ControlPlane.Core.State;
using ControlPlane.Web.Nodes;
using ControlPlane.Web.Shell;
using Microsoft.AspNetCore.Mvc;

namespace ControlPlane.Web.Pages;

/// <summary>Jumps to what has exactly this name, else lists what comes near.</summary>
[RequireSignIn("What is shown is decided in Core.")]
public sealed class SearchModel(ContainerQueries containers, NodeSight nodes) : DashboardPage
{
    private const int Shown = 20;

    public string Text { get; private set; } = "";

    public IReadOnlyList<NodeRecord> Nodes { get; private set; } = [];

    public IReadOnlyList<ContainerView> Containers { get; private set; } = [];

    public long More { get; private set; }

    public IActionResult OnGet(string? q)
    {
        Text = q?.Trim() ?? "";
        if (Text.Length == 0)
        {
            return Page();
        }

        if (nodes.Get(Caller, Text) is { IsSuccess: true } node)
        {
            return LocalRedirect($"/nodes/{node.Value.Id}");
        }

        if (containers.Get(Caller, Text) is { IsSuccess: true } container)
        {
            return LocalRedirect($"/containers/{container.Value.Id}");
        }

        var near = containers.List(Caller, new ContainerFilter { List = new ListRequest { Limit = Shown, Text = Text, SortKey = "name" } });
        Containers = near.IsSuccess ? near.Value.Items : [];
        More = near.IsSuccess ? near.Value.Total - Containers.Count : 0;
        Nodes = nodes.List(Caller) is { IsSuccess: true } all ? [.. NodeTable.From(all.Value, Text, null).Items.Take(Shown)] : [];
        return Page();
    }
}
