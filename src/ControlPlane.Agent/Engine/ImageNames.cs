using System.Diagnostics.CodeAnalysis;
using ControlPlane.Engine.Values;

namespace ControlPlane.Agent.Engine;

/// <summary>Names of images as they may appear in an engine's path and query.</summary>
internal static class ImageNames
{
    /// <summary>The path segment(s) of a full reference or image id; written from what was read, so that nothing else gets into the path.</summary>
    public static bool TryPath(string? text, [NotNullWhen(true)] out string? path)
    {
        path = ImageReference.IsImageId(text) ? text
            : ImageReference.TryParse(text, out var reference, out _) ? reference.ToString()
            : null;
        path = path is null ? null : string.Join('/', path.Split('/').Select(Uri.EscapeDataString));
        return path is not null;
    }

    /// <summary>The query of a new name, <c>repo=…&amp;tag=…</c>; null when it is none.</summary>
    public static string? ToQuery(string? repository, string? tag) =>
        ImageReference.TryParse($"{repository}:{tag}", out var reference, out _) && reference.Digest is null && reference.Tag == tag
            ? $"repo={Uri.EscapeDataString(reference.FamiliarName)}&tag={Uri.EscapeDataString(tag!)}"
            : null;
}
