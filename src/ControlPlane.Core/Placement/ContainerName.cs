using System.Buffers;

namespace ControlPlane.Core.Placement;

/// <summary>The engine's rule for names of containers: <c>[a-zA-Z0-9][a-zA-Z0-9_.-]+</c>.</summary>
public static class ContainerName
{
    /// <summary>The rule in words, for refusals.</summary>
    public const string Rule = "two or more of a-z, A-Z, 0-9, '_', '.' and '-', starting with a letter or digit";

    private const string LettersAndDigits = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

    // Not a regular expression: every create asks, under the writer's lock.
    private static readonly SearchValues<char> Allowed = SearchValues.Create(LettersAndDigits + "_.-");

    /// <summary>Says whether the engine would accept a name (without a leading slash).</summary>
    public static bool IsValid(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return name.Length >= 2 && char.IsAsciiLetterOrDigit(name[0]) && name.AsSpan(1).IndexOfAnyExcept(Allowed) < 0;
    }

    /// <summary>The engine writes <c>/web</c>, people write <c>web</c>.</summary>
    internal static string Canonical(string name) => name.StartsWith('/') ? name[1..] : name;
}
