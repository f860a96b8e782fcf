using System.Globalization;
using ControlPlane.Core.Results;
using ControlPlane.Core.State;

namespace ControlPlane.Core.Containers;

/// <summary>Whether a container's node can be asked now. Answers at once; nobody waits for a node that is known to be away.</summary>
internal static class ContainerReach
{
    public static UnavailableError? Problem(ContainerRecord container, ClusterSnapshot cluster, DateTime now) =>
        cluster.Node(container.NodeId) is { State: not NodeState.Ready } node
            ? new UnavailableError(
                node.State == NodeState.EngineDown ? "engine.unreachable" : "node.unreachable",
                $"{container.Name} is on node {node.Name}, which has been {Word(node.State)} for {Age(now - node.StateSince)}{(node.StateReason.Length > 0 ? $": {node.StateReason}" : ".")}")
            : null;

    private static string Word(NodeState state) => state == NodeState.EngineDown ? "without its engine" : state.ToString().ToLowerInvariant();

    private static string Age(TimeSpan age) => age switch
    {
        { TotalSeconds: < 1 } => "less than a second",
        { TotalMinutes: < 2 } => string.Create(CultureInfo.InvariantCulture, $"{age.TotalSeconds:0} s"),
        { TotalHours: < 2 } => string.Create(CultureInfo.InvariantCulture, $"{age.TotalMinutes:0} min"),
        { TotalDays: < 2 } => string.Create(CultureInfo.InvariantCulture, $"{age.TotalHours:0} h"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{age.TotalDays:0} days"),
    };
}
