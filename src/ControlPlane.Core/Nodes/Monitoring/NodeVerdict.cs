using ControlPlane.Core.State;

namespace ControlPlane.Core.Nodes.Monitoring;

/// <summary>What state a node is in, and why.</summary>
internal readonly record struct NodeVerdict(NodeState State, string Reason)
{
    /// <summary>Judges a node from its record, its signs of life and the time; changes nothing.</summary>
    /// <param name="node">The record as published.</param>
    /// <param name="lease">Its signs of life.</param>
    /// <param name="now">Timestamp of the clock.</param>
    /// <param name="amnesty">The server has only just started.</param>
    /// <param name="rules">The limits.</param>
    /// <param name="clock">Measures between timestamps.</param>
    public static NodeVerdict Of(NodeRecord node, NodeLease lease, long now, bool amnesty, NodeMonitorOptions rules, TimeProvider clock)
    {
        if (node.State == NodeState.Pending)
        {
            return new NodeVerdict(NodeState.Pending, node.StateReason);
        }

        if (lease.Session is not { } session)
        {
            return WithoutSession(node, clock.GetElapsedTime(lease.LostAt, now), amnesty, rules);
        }

        var overdue = clock.GetElapsedTime(lease.LastBeat, now) - session.LeaseTime;
        if (overdue > TimeSpan.Zero)
        {
            return overdue >= rules.DownAfter && !amnesty
                ? new NodeVerdict(NodeState.Down, "The agent's session is up, but its heartbeats stopped and the grace is over.")
                : new NodeVerdict(NodeState.Unknown, "Two heartbeats were missed.");
        }

        if (!lease.EngineUp)
        {
            return new NodeVerdict(NodeState.EngineDown, "The agent is alive, but the Docker engine does not answer.");
        }

        // A short break of the session does not take a ready node out; the inventory of before stays until the new one is in.
        return node.Synced || node.State == NodeState.Ready
            ? new NodeVerdict(NodeState.Ready, "")
            : new NodeVerdict(NodeState.Unknown, "Connected; the inventory has not arrived yet.");
    }

    private static NodeVerdict WithoutSession(NodeRecord node, TimeSpan lost, bool amnesty, NodeMonitorOptions rules)
    {
        if (lost < rules.SessionLost)
        {
            return new NodeVerdict(node.State, node.StateReason);
        }

        if (lost >= rules.SessionLost + rules.DownAfter && !amnesty)
        {
            return new NodeVerdict(NodeState.Down, "The agent has no session and the grace is over.");
        }

        return node.State == NodeState.Unknown
            ? new NodeVerdict(NodeState.Unknown, node.StateReason)
            : new NodeVerdict(NodeState.Unknown, "The session with the agent is lost.");
    }
}
