using ControlPlane.Core.Access;
using ControlPlane.Core.Containers;
using ControlPlane.Core.Containers.Admission;
using ControlPlane.Core.Nodes;
using ControlPlane.Core.Nodes.Links;
using ControlPlane.Core.Results;
using ControlPlane.Core.State;
using ControlPlane.Scheduling;
using NodeState = ControlPlane.Core.State.NodeState;

namespace ControlPlane.Core.Objects;

/// <summary>Where new networks and volumes may be made.</summary>
public sealed class ObjectNodes(ClusterState state, Authorizer authorizer, NodeLinks links)
{
    private static readonly NotFoundError NoNode = new("node.not_found", "There is no such node.");

    /// <summary>Reads <c>node/name</c>; the node is null when only a name is given.</summary>
    public static (string? Node, string Name) Split(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        var slash = name.IndexOf('/', StringComparison.Ordinal);
        return slash < 0 ? (null, name) : (name[..slash], name[(slash + 1)..]);
    }

    /// <summary>This node, when the caller may run things on it and it takes them.</summary>
    public Result<NodeRecord> Named(Caller caller, string name)
    {
        var node = state.Current.NodeByName(name);
        if (node is null || (!authorizer.MaySee(caller, Permission.NodesRead, node.Collection) && !authorizer.MaySee(caller, Permission.NodesSchedule, node.Collection)))
        {
            return NoNode;
        }

        if (authorizer.Check(caller, Permission.NodesSchedule, node.Collection) is { } refused)
        {
            return refused;
        }

        return Problem(node) is { } problem ? problem
            : node.Availability != State.NodeAvailability.Active ? new ConflictError("node.not_active", $"{node.Name} takes nothing new: its availability is {NodeViews.Text(node.Availability)}.")
            : node;
    }

    /// <summary>
    /// All nodes that the caller may run things on, that take them and that meet the constraints among the labels; when there is none, the
    /// explanation says why, node by node.
    /// </summary>
    public Result<IReadOnlyList<NodeRecord>> Open(Caller caller, IReadOnlyDictionary<string, string>? labels)
    {
        var errors = new FieldErrors();
        var swarm = SwarmExpressions.Read(errors, null, labels);
        if (errors.Result(() => swarm) is { IsValid: false } invalid)
        {
            return new InvalidError(invalid.Errors);
        }

        var request = new PlacementRequest
        {
            Constraints = [.. swarm.Constraints.Select(Constraint.Parse).OfType<ConstraintParse.Valid>().Select(valid => valid.Constraint)],
            AllowedNodes = authorizer.Where(caller, Permission.NodesSchedule) is { } collections ? state.Contents.NodesIn(collections) : null,
        };
        var (explanation, now) = state.Write(writer => (writer.Placement.Explain(request), writer.Now));
        var cluster = state.Current;
        NodeRecord[] fitting =
        [
            .. explanation.Nodes.Where(node => node.Rejections.Count == 0).Select(node => cluster.Node(node.Node.Value)).OfType<NodeRecord>()
                .Where(node => Problem(node) is null)
                .OrderBy(node => node.Name, StringComparer.Ordinal),
        ];
        return fitting.Length > 0
            ? fitting
            : new PlacementError(
                explanation.Text, PlacementViews.Full(explanation, request.Strategy, cluster, now, visible: new VisibleNodes(authorizer, caller, cluster)));
    }

    /// <summary>Null when the node can be asked now.</summary>
    public UnavailableError? Problem(NodeRecord node)
    {
        ArgumentNullException.ThrowIfNull(node);
        return node.State == NodeState.EngineDown ? new UnavailableError("engine.unreachable", $"{node.Name}: {node.StateReason}")
            : !links.IsConnected(node.Id) ? new UnavailableError("node.not_connected", $"{node.Name} is not connected.")
            : null;
    }
}
