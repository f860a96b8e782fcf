using ControlPlane.Core.Identity;
using ControlPlane.Core.Nodes;
using ControlPlane.Core.State;
using ControlPlane.Web.Look;
using ControlPlane.Web.Nodes;
using ControlPlane.Web.Shell;

namespace ControlPlane.Web.Pages;

[RequireSignIn("What is shown is decided in Core, per node.")]
public sealed class NodesModel(NodeSight nodes) : DashboardPage
{
    public NodeTable Table { get; private set; } = NodeTable.From([], null, null);

    /// <summary>States and availabilities that occur, with counts.</summary>
    public IReadOnlyList<(string Value, string Word, int Count)> States { get; private set; } = [];

    public void OnGet(string? q, string? state)
    {
        var found = nodes.List(Caller);
        if (!found.IsSuccess)
        {
            Problem = ProblemOf(found.Error);
            Response.StatusCode = Problem.Status;
            return;
        }

        Table = NodeTable.From(found.Value, q, string.IsNullOrEmpty(state) ? null : state);
        States =
        [
            .. found.Value.GroupBy(node => node.State).OrderBy(group => group.Key).Select(group => (group.Key.ToString(), StateLook.Of(group.Key).Word, group.Count())),
            .. found.Value.Where(node => node.Availability != NodeAvailability.Active).GroupBy(node => node.Availability)
                .Select(group => (group.Key.ToString(), StateLook.Of(group.Key).Word, group.Count())),
        ];
    }
}
