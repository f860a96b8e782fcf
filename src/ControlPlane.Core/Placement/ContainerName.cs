using System.Text.RegularExpressions;

namespace ControlPlane.Core.Placement;

/// <summary>The engine's rule for names of containers.</summary>
public static partial class ContainerName
{
    /// <summary>The rule in words, for refusals.</summary>
    public const string Rule = "two or more of a-z, A-Z, 0-9, '_', '.' and '-', starting with a letter or digit";

    /// <summary>Says whether the engine would accept a name (without a leading slash).</summary>
    public static bool IsValid(string name) => Pattern().IsMatch(name);

    /// <summary>The engine writes <c>/web</c>, people write <c>web</c>.</summary>
    internal static string Canonical(string name) => name.StartsWith('/') ? name[1..] : name;

    [GeneratedRegex(@"^[a-zA-Z0-9][a-zA-Z0-9_.-]+\z", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Pattern();
}
