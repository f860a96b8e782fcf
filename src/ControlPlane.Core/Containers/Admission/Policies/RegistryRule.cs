using ControlPlane.Engine.Values;

namespace ControlPlane.Core.Containers.Admission.Policies;

/// <summary>Does an image come from an allowed registry? References are compared in full form, so that <c>nginx</c> is <c>docker.io/library/nginx</c>.</summary>
public static class RegistryRule
{
    public static bool Allows(IEnumerable<string> allowed, ImageReference image)
    {
        ArgumentNullException.ThrowIfNull(allowed);
        ArgumentNullException.ThrowIfNull(image);

        // A path ends at a slash, a host at a slash, too: docker.io is neither docker.io.evil.com nor docker.io:444.
        var name = image.Domain + "/" + image.Path + "/";
        return allowed.Any(entry => Normal(entry) is { Length: > 1 } prefix && name.StartsWith(prefix, StringComparison.Ordinal));
    }

    /// <summary>
    /// The image as the engine will read it, or null when it may read it otherwise: ids, and names that could be the beginning of an id
    /// (the engine looks for those among its images, wherever they came from).
    /// </summary>
    public static ImageReference? Unambiguous(string? image) =>
        image is not null && !ImageReference.IsImageId(image) && !image.All(char.IsAsciiHexDigit)
        && ImageReference.TryParse(image, out var reference, out _) ? reference : null;

    private static string Normal(string? entry)
    {
        var text = (entry ?? "").Trim().TrimEnd('/');
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        var host = (slash < 0 ? text : text[..slash]).ToLowerInvariant();
        return (host == "index.docker.io" ? ImageReference.DefaultDomain : host) + (slash < 0 ? "" : text[slash..]) + "/";
    }
}
