namespace ControlPlane.Engine.Values;

/// <summary>
/// A container's name: a letter or digit, then letters, digits, <c>_</c>, <c>.</c>, <c>-</c>; 2 to 128 characters.
/// Names of twelve or more characters that are all hexadecimal digits are refused, because the engine would take such a name
/// for another container's short id, and the name wins.
/// </summary>
public static class ContainerName
{
    /// <summary>Shortest name the engine accepts.</summary>
    public const int MinLength = 2;

    /// <summary>Longest name we accept; what is longer can be neither shown nor used as a host name.</summary>
    public const int MaxLength = 128;

    // The engine's short id.
    private const int ShortIdLength = 12;

    /// <summary>What is wrong with a name, or null when it is good.</summary>
    /// <param name="name">The name, without the slash the engine puts before it.</param>
    public static string? Problem(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (name.Length is < MinLength or > MaxLength)
        {
            return "must have 2 to 128 characters";
        }

        if (!char.IsAsciiLetterOrDigit(name[0]) || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '-'))
        {
            return "must begin with a letter or digit and contain only letters, digits, '_', '.' and '-'";
        }

        return name.Length >= ShortIdLength && name.All(char.IsAsciiHexDigit)
            ? "must not look like a container id (12 or more hexadecimal digits)"
            : null;
    }

    /// <summary>True for a good name.</summary>
    /// <param name="name">The name.</param>
    public static bool IsValid(string? name) => name is not null && Problem(name) is null;
}
