namespace ControlPlane.Scheduling;

/// <summary>So many of something a node was declared to have, e.g. 2 of <c>gpu</c>.</summary>
/// <param name="Name">Declared name; case counts.</param>
/// <param name="Count">More than 0.</param>
public readonly record struct GenericResource(string Name, long Count);
