using System.Globalization;
using System.Text.RegularExpressions;

namespace ControlPlane.Core.Nodes.Joining;

/// <summary>The shape of a node's name, and a free one near the wanted one.</summary>
internal static partial class NodeNames
{
    public const int MaxLength = 63;
    public const string Shape = "A name is 1 to 63 letters, digits, '.', '_' or '-', and begins with a letter or digit.";

    public static bool IsValid(string? name) => name is { Length: > 0 and <= MaxLength } && NameShape().IsMatch(name);

    /// <summary>The wanted name, or with -2, -3, … when it is taken.</summary>
    public static string Free(string wanted, IReadOnlySet<string> taken)
    {
        var name = wanted;
        for (var n = 2; taken.Contains(name); n++)
        {
            var suffix = string.Create(CultureInfo.InvariantCulture, $"-{n}");
            name = wanted[..Math.Min(wanted.Length, MaxLength - suffix.Length)] + suffix;
        }

        return name;
    }

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9._-]*\z", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex NameShape();
}
