using ControlPlane.Core.Identity;
using ControlPlane.Core.Nodes;
using ControlPlane.Core.State;
using ControlPlane.Web.Nodes;
using ControlPlane.Web.Shell;

namespace ControlPlane.Web.Pages;

/// <summary>Single rows of the table, asked for again when the hub says that they changed.</summary>
[RequireSignIn("What is shown is decided in Core, per node.")]
public sealed class NodeRowsModel(NodeSight nodes) : DashboardPage
{
    public const int Max = 200;

    public IReadOnlyList<NodeRecord> Items { get; private set; } = [];

    public void OnGet(string[] ids, string? q, string? state)
    {
        var found = ids.Distinct(StringComparer.Ordinal).Take(Max).Select(id => nodes.Get(Caller, id)).Where(node => node.IsSuccess).Select(node => node.Value);
        Items = NodeTable.From([.. found], q, state).Items;
    }
}
