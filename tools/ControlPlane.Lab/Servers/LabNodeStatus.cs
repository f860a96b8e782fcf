namespace ControlPlane.Lab;

/// <summary>A node as the server lists it.</summary>
public sealed record LabNodeStatus(string Name, string State, string Availability);
