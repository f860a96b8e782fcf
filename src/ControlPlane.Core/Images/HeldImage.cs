using ControlPlane.Contracts.Agents;
using ControlPlane.Core.State;

namespace ControlPlane.Core.Images;

/// <summary>An image on a node.</summary>
public sealed record HeldImage(NodeRecord Node, ImageReport Image);
