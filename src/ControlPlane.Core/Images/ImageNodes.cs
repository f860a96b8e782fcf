using ControlPlane.Core.Access;
using ControlPlane.Core.Results;
using ControlPlane.Core.State;

namespace ControlPlane.Core.Images;

/// <summary>
/// On which nodes a caller may do what with images: the right counts on the collection of the node. A node that the caller does not see does
/// not exist.
/// </summary>
public sealed class ImageNodes(ClusterState state, Authorizer authorizer)
{
    /// <summary>Nodes whose images the caller may know of, by name. Those that are down or not approved hold nothing that could be used.</summary>
    public IReadOnlyList<NodeRecord> Visible(Caller caller) => With(caller, Permission.ImagesRead);

    /// <summary>Nodes on which the caller has the right, by name.</summary>
    public IReadOnlyList<NodeRecord> With(Caller caller, params IReadOnlyList<string> permissions)
    {
        var sights = permissions.Prepend(Permission.NodesRead).Select(permission => new CollectionSight(authorizer, caller, permission)).ToList();
        return
        [
            .. state.Current.Nodes.Values
                .Where(node => node.State is not (NodeState.Down or NodeState.Pending) && sights.TrueForAll(sight => sight.Of(node.Collection)))
                .OrderBy(node => node.Name, StringComparer.Ordinal),
        ];
    }

    /// <summary>Nodes that take something new from the caller, by name: Ready, neither paused nor drained, with the right and the right to run containers there.</summary>
    public Result<IReadOnlyList<NodeRecord>> Taking(Caller caller, string permission)
    {
        var allowed = With(caller, Permission.NodesSchedule, permission);
        if (allowed.Count == 0)
        {
            return Denied([.. new[] { permission, Permission.NodesSchedule }.Distinct()]);
        }

        var ready = allowed.Where(node => node is { State: NodeState.Ready, Availability: NodeAvailability.Active }).ToList();
        return ready.Count > 0
            ? ready
            : new UnavailableError("image.no_node", $"No node that you may use takes anything now: {string.Join("; ", allowed.Take(5).Select(Why))}.");
    }

    /// <summary>
    /// Nodes that pull for the caller, by name: who may run containers there and may pull for any of them makes the node pull by a create just as well.
    /// </summary>
    public Result<IReadOnlyList<NodeRecord>> Pulling(Caller caller) =>
        authorizer.CheckAnywhere(caller, Permission.ImagesPull) is { } refused ? refused : Taking(caller, Permission.NodesSchedule);

    /// <summary>One Ready node that talks to registries for the caller: one with the right, or one that would pull for a create.</summary>
    public Result<NodeRecord> Asking(Caller caller)
    {
        var own = One(caller, Permission.ImagesPull);
        return !own.IsSuccess && authorizer.CheckAnywhere(caller, Permission.ImagesPull) is null && One(caller, Permission.NodesSchedule) is { IsSuccess: true } other ? other : own;
    }

    /// <summary>One Ready node with the right.</summary>
    public Result<NodeRecord> One(Caller caller, string permission)
    {
        var allowed = With(caller, permission);
        return allowed.Count == 0 ? Denied(permission)
            : allowed.FirstOrDefault(node => node.State == NodeState.Ready) is { } node ? node
            : NotReady(allowed);
    }

    internal static ForbiddenError Denied(params IReadOnlyList<string> permissions) =>
        new("access.denied", $"You need the right {string.Join(" and ", permissions)} on the collection of a node.");

    internal static UnavailableError NotReady(IReadOnlyList<NodeRecord> nodes) =>
        new("node.not_ready", $"The image's node does not answer now: {string.Join("; ", nodes.Take(5).Select(Why))}.");

    internal static string Why(NodeRecord node) => node switch
    {
        { State: not NodeState.Ready } => $"{node.Name} is {node.State}{(node.StateReason.Length > 0 ? $" ({node.StateReason})" : "")}",
        { Availability: not NodeAvailability.Active } => $"{node.Name} is set to {node.Availability}",
        _ => $"{node.Name} is {node.State}",
    };
}
