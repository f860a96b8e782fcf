namespace ControlPlane.Scheduling;

/// <summary>
/// Replicas of one service go first to the value of a node label (a zone, a rack) that has the fewest of them, then to the node
/// that has the fewest of them, then by the strategy.
/// </summary>
/// <param name="NodeLabel">Label whose values are spread over; nodes without it form one group.</param>
/// <param name="PeerLabel">Container label that replicas share, e.g. <c>controlplane.service</c>.</param>
/// <param name="PeerValue">Its value for this service.</param>
public sealed record SpreadPreference(string NodeLabel, string PeerLabel, string PeerValue);
