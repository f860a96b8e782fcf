namespace ControlPlane.EndToEnd.Tests.Clusters;

/// <summary>A line of an engine's own <c>docker ps -a</c>.</summary>
internal sealed record EngineContainer(string Node, string EngineId, string Name, string State, string ClusterId);
