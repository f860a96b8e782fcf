using ControlPlane.Core.State;

namespace ControlPlane.Core.Containers.Rescheduling;

/// <summary>Which nodes count as failed, and whether that may be believed.</summary>
/// <param name="Nodes">Down, or without an engine for the same grace; by id.</param>
/// <param name="Together">Nodes that are not well since a short while: they may share one cause.</param>
/// <param name="Held">More than half of the nodes, and more than one, went together: rather our own network than theirs.</param>
/// <param name="HeldUntil">When the oldest of them is no longer counted.</param>
internal sealed record FailedNodes(
    IReadOnlyDictionary<string, NodeRecord> Nodes, IReadOnlyList<NodeRecord> Together, bool Held, DateTime? HeldUntil)
{
    /// <param name="all">Every node.</param>
    /// <param name="confirmed">Nodes whose failure a person has confirmed.</param>
    /// <param name="now">UTC.</param>
    /// <param name="engineGrace">How long an engine may be away.</param>
    /// <param name="hold">How long a common failure is not believed.</param>
    public static FailedNodes Of(IEnumerable<NodeRecord> all, IReadOnlySet<string> confirmed, DateTime now, TimeSpan engineGrace, TimeSpan hold)
    {
        var failed = new Dictionary<string, NodeRecord>(StringComparer.Ordinal);
        var together = new List<NodeRecord>();
        var standing = 0;
        foreach (var node in all.Where(node => node.State != NodeState.Pending))
        {
            if (node.State == NodeState.Down || (node.State == NodeState.EngineDown && now - node.StateSince >= engineGrace))
            {
                failed[node.Id] = node;
            }

            if (node.State == NodeState.Ready)
            {
                standing++;
            }
            else if (now - node.StateSince < hold && !confirmed.Contains(node.Id))
            {
                // Unknown counts too: when all go, they do not go in the same second.
                standing++;
                together.Add(node);
            }
        }

        var held = together.Count > 1 && together.Count * 2 > standing;
        return new FailedNodes(failed, together, held, held ? together.Min(node => node.StateSince) + hold : null);
    }
}
