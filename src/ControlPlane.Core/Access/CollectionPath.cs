using ControlPlane.Core.Identity;

namespace ControlPlane.Core.Access;

/// <summary>Paths of collections: <c>/</c>, <c>/prod</c> or <c>/prod/web</c>; two levels under the root and no more.</summary>
public static class CollectionPath
{
    public const int MaximumDepth = 2;
    public const int MaximumSegment = 64;
    public const string Shape = "must be /name or /name/name; names have 1 to 64 letters, digits, dots, dashes and underscores and begin with a letter or digit";

    public static bool IsValid(string? path)
    {
        if (path is not ['/', _, ..])
        {
            return false;
        }

        var segments = path[1..].Split('/');
        return segments.Length <= MaximumDepth && segments.All(IsSegment);
    }

    /// <summary>The one above; null of the root.</summary>
    public static string? Parent(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (path.Length <= 1)
        {
            return null;
        }

        var slash = path.LastIndexOf('/');
        return slash <= 0 ? Collections.Root : path[..slash];
    }

    public static bool IsSelfOrUnder(string path, string ancestor)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(ancestor);
        return ancestor == Collections.Root
            || (path.StartsWith(ancestor, StringComparison.Ordinal) && (path.Length == ancestor.Length || path[ancestor.Length] == '/'));
    }

    public static string Fold(string path) => AccountName.Fold(path);

    private static bool IsSegment(string text) =>
        text.Length is > 0 and <= MaximumSegment && char.IsAsciiLetterOrDigit(text[0])
        && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_');
}
