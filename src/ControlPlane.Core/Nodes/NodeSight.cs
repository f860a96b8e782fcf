using ControlPlane.Core.Access;
using ControlPlane.Core.Results;
using ControlPlane.Core.State;

namespace ControlPlane.Core.Nodes;

/// <summary>The records of the nodes a caller may see, for pages that show their inventory and their pulse too.</summary>
public sealed class NodeSight(ClusterState state, Authorizer authorizer, NodeQueries queries)
{
    /// <summary>All of them, by name.</summary>
    public Result<IReadOnlyList<NodeRecord>> List(Caller caller) =>
        authorizer.Check(caller, Permission.NodesRead, Collections.Root) is { } refusal
            ? refusal
            : state.Current.Nodes.Values.OrderBy(node => node.Name, StringComparer.Ordinal).ToArray();

    /// <summary>By id or name.</summary>
    public Result<NodeRecord> Get(Caller caller, string idOrName) => queries.Find(caller, idOrName);
}
