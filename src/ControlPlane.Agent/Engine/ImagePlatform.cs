namespace ControlPlane.Agent.Engine;

/// <summary>What an image was built for; null where the engine does not say.</summary>
internal sealed record ImagePlatform(string? Os, string? Architecture);
