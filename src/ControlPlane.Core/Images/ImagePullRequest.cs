namespace ControlPlane.Core.Images;

/// <summary>A pull for somebody who watches.</summary>
/// <param name="Name">The engine's <c>fromImage</c>.</param>
/// <param name="Tag">Tag or digest; null when the name has one.</param>
/// <param name="Platform"><c>os/arch[/variant]</c>; null = each engine's own.</param>
/// <param name="RegistryAuth">As it came; used for this pull only.</param>
public sealed record ImagePullRequest(string Name, string? Tag, string? Platform, string? RegistryAuth)
{
    public override string ToString() => $"{nameof(ImagePullRequest)} {Name}";
}
