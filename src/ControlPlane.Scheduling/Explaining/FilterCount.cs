namespace ControlPlane.Scheduling;

/// <summary>How many nodes a filter removed; a node counts for the first filter that refuses it.</summary>
/// <param name="Filter">Name of the filter.</param>
/// <param name="Nodes">More than 0.</param>
public readonly record struct FilterCount(string Filter, int Nodes);
