namespace ControlPlane.Ldap.Protocol;

/// <summary>Text from a server on its way to a log: short, and on one line.</summary>
internal static class ServerText
{
    public const int MostCharacters = 1000;

    public static string Clean(string text)
    {
        var kept = text.Length > MostCharacters ? text[..MostCharacters] : text;
        kept = kept.TrimEnd('\0');
        return kept.Any(IsUnsafe)
            ? string.Create(kept.Length, kept, (target, source) =>
            {
                for (var i = 0; i < source.Length; i++)
                {
                    target[i] = IsUnsafe(source[i]) ? ' ' : source[i];
                }
            })
            : kept;
    }

    // Line and paragraph separators break lines in some viewers; direction marks reorder what is read.
    private static bool IsUnsafe(char character) =>
        char.IsControl(character) || character is '\u2028' or '\u2029' or (>= '\u202A' and <= '\u202E') or (>= '\u2066' and <= '\u2069');
}
