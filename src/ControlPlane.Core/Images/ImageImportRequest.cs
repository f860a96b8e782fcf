namespace ControlPlane.Core.Images;

/// <summary>An image out of the tar of a root file system (the engine's <c>fromSrc=-</c>).</summary>
/// <param name="Repository">Repository; null = none.</param>
/// <param name="Tag">Tag; null = none.</param>
/// <param name="Message">Commit message; null = none.</param>
/// <param name="Changes">Dockerfile instructions.</param>
/// <param name="Platform"><c>os/arch[/variant]</c>; null = each engine's own.</param>
public sealed record ImageImportRequest(string? Repository, string? Tag, string? Message, IReadOnlyList<string> Changes, string? Platform);
