using ControlPlane.Contracts.Tunnels;

namespace ControlPlane.Api.Agents.Tunnels;

/// <summary>What is waited for on a tunnel. The agent's own deadlines for its engine are a few seconds shorter, so that its answer says why.</summary>
internal static class TunnelDeadlines
{
    /// <summary>An idle tunnel, or a new one.</summary>
    public static readonly TimeSpan Open = TimeSpan.FromSeconds(5);

    /// <summary>The agent's word that the request has arrived; until then it may go over another tunnel.</summary>
    public static readonly TimeSpan Accepted = TimeSpan.FromSeconds(5);

    /// <summary>The last word to the agent before the connection is cut.</summary>
    public static readonly TimeSpan GiveUp = TimeSpan.FromSeconds(1);

    /// <summary>Silence before the head of the answer, while it is the node's turn.</summary>
    public static TimeSpan Head(TunnelPace pace) => TimeSpan.FromSeconds(pace switch
    {
        TunnelPace.Sizes => 60,
        TunnelPace.Registry => 120,
        TunnelPace.Transfer => 600,
        _ => 15,
    });
}
