using ControlPlane.Core.Access;
using ControlPlane.Core.Results;
using ControlPlane.Core.State;

namespace ControlPlane.Core.Nodes;

/// <summary>The records of the nodes a caller may see, for pages that show their inventory and their pulse too.</summary>
public sealed class NodeSight(ClusterState state, Authorizer authorizer, NodeQueries queries)
{
    /// <summary>All of them, by name.</summary>
    public Result<IReadOnlyList<NodeRecord>> List(Caller caller) =>
        authorizer.CheckAnywhere(caller, Permission.NodesRead) is { } refusal
            ? refusal
            : Visible(caller).OrderBy(node => node.Name, StringComparer.Ordinal).ToArray();

    private IEnumerable<NodeRecord> Visible(Caller caller)
    {
        var sight = new CollectionSight(authorizer, caller, Permission.NodesRead);
        return state.Current.Nodes.Values.Where(node => sight.Of(node.Collection));
    }

    /// <summary>By id or name, with the networks and volumes that the caller may know of.</summary>
    public Result<NodeRecord> Get(Caller caller, string idOrName) => queries.Find(caller, idOrName).Map(node => queries.Seen(caller, node));
}
