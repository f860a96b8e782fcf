namespace ControlPlane.Scheduling;

/// <summary>What of a container not every engine knows.</summary>
/// <param name="Field">The newest field it uses, e.g. <c>HostConfig.Annotations</c>.</param>
/// <param name="ApiVersion">The version of the Engine API that has it.</param>
public sealed record EngineNeed(string Field, Version ApiVersion);
