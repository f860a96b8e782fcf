using ControlPlane.Core.Access;
using ControlPlane.Core.State;

namespace ControlPlane.Core.Nodes;

/// <summary>
/// Which nodes a caller may know of, for the length of one answer. A node that is not in the cluster (one of a simulation) is nobody's secret.
/// </summary>
internal sealed class VisibleNodes(Authorizer authorizer, Caller caller, ClusterSnapshot cluster)
{
    private readonly CollectionSight _sight = new(authorizer, caller, Permission.NodesRead);

    public bool Has(string nodeId) => cluster.Node(nodeId) is not { } node || Has(node);

    public bool Has(NodeRecord node) => _sight.Of(node.Collection);

    public bool HasNamed(string name) => cluster.NodeByName(name) is not { } node || Has(node.Id);

    /// <summary>By id or name, or null when there is none or it may not be seen.</summary>
    public NodeRecord? Find(string idOrName) => (cluster.Node(idOrName) ?? cluster.NodeByName(idOrName)) is { } node && Has(node.Id) ? node : null;
}
