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

    public static string Shown(string text) => text.Length > LongestShown ? text[..LongestShown] + "…" : text;
}
