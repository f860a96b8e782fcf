namespace ControlPlane.Agent.Engine;

/// <summary>Names of volumes as they may appear in an engine's path.</summary>
internal static class VolumeNames
{
    private const int Longest = 255;

    /// <summary>True for what the engine itself accepts as the name of a new volume.</summary>
    public static bool IsName(string? name) =>
        name is { Length: >= 2 and <= Longest } && char.IsAsciiLetterOrDigit(name[0])
        && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '-');
}
