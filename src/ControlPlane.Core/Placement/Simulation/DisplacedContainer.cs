using ControlPlane.Core.State;
using ControlPlane.Scheduling;

namespace ControlPlane.Core.Placement.Simulation;

/// <summary>A container whose node is drained, down or gone in the simulated cluster.</summary>
/// <param name="Record">As it is.</param>
/// <param name="From">Name of its node.</param>
/// <param name="Reschedule">Its policy as people write it.</param>
/// <param name="Request">What its placement was asked with.</param>
/// <param name="Load">What it takes where it is.</param>
internal sealed record DisplacedContainer(ContainerRecord Record, string From, string Reschedule, PlacementRequest Request, ContainerLoad Load);
