using System.Diagnostics.CodeAnalysis;
using ControlPlane.Engine.Values;

namespace ControlPlane.Core.Images;

/// <summary>Names of images as engines report them and as they are told them.</summary>
internal static class ImageNames
{
    private const int LongestShown = 300;

    /// <summary>With registry. A digest says all; a tag beside it would only be checked for its form.</summary>
    public static string Full(ImageReference reference) => (reference.Digest is null ? reference : reference with { Tag = null }).ToFullString();

    /// <summary>As in an engine's lists.</summary>
    public static string Reported(ImageReference reference) => (reference.Digest is null ? reference : reference with { Tag = null }).ToString();

    /// <summary>The repository of a name in an engine's lists: <c>busybox</c> of <c>busybox:latest</c>.</summary>
    public static string RepositoryOf(string reported)
    {
        var at = reported.IndexOf('@', StringComparison.Ordinal);
        var name = at < 0 ? reported : reported[..at];
        var colon = name.LastIndexOf(':');
        return colon > name.LastIndexOf('/') ? name[..colon] : name;
    }

    /// <summary>A repository and a tag, or a digest, that came apart: neither changes what the other one means.</summary>
    public static bool TryJoin(string repository, string? tag, [NotNullWhen(true)] out ImageReference? reference, [NotNullWhen(false)] out string? problem)
    {
        if (tag is not { Length: > 0 })
        {
            return ImageReference.TryParse(repository, out reference, out problem);
        }

        var isDigest = tag.Contains(':', StringComparison.Ordinal);
        if (!ImageReference.TryParse(isDigest ? $"{repository}@{tag}" : $"{repository}:{tag}", out reference, out problem))
        {
            return false;
        }

        // "a" and "1/b" would be the repository b of the registry a:1.
        if (!string.Equals(isDigest ? reference.Digest : reference.Tag, tag, StringComparison.Ordinal) || (!isDigest && reference.Digest is not null))
        {
            problem = "has a tag that is not one: at most 128 letters, digits, '_', '.', '-', not beginning with '.' or '-'";
            return false;
        }

        return true;
    }

    public static string Shown(string text) => text.Length > LongestShown ? text[..LongestShown] + "…" : text;
}
