namespace ControlPlane.Scheduling;

/// <summary>What a placement makes of one node.</summary>
/// <param name="Node">Identity of the node.</param>
/// <param name="Name">Name of the node.</param>
/// <param name="Score">Its score when it fits, else null.</param>
/// <param name="Rejections">Every filter that refuses it, in filter order; empty exactly when it fits.</param>
public sealed record NodeExplanation(NodeId Node, string Name, NodeScore? Score, IReadOnlyList<Rejection> Rejections);
