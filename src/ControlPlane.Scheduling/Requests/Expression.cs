using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace ControlPlane.Scheduling;

/// <summary>Classic Swarm's <c>key==value</c> and <c>key!=value</c>, hard or soft (<c>~</c>), with a compiled value.</summary>
internal sealed partial class Expression
{
    private Expression(string key, bool isNegated, bool isSoft, ValuePattern pattern)
    {
        Key = key;
        IsNegated = isNegated;
        IsSoft = isSoft;
        Pattern = pattern;
    }

    public string Key { get; }

    public bool IsNegated { get; }

    public bool IsSoft { get; }

    public ValuePattern Pattern { get; }

    public static bool TryParse(
        string what, string text, [NotNullWhen(true)] out Expression? expression, [NotNullWhen(false)] out string? problem)
    {
        expression = null;
        var isEqual = text.IndexOf("==", StringComparison.Ordinal);
        var at = isEqual >= 0 ? isEqual : text.IndexOf("!=", StringComparison.Ordinal);
        if (at < 0)
        {
            problem = $"{what} '{text}': one of the operators == and != is expected";
            return false;
        }

        var key = text[..at];
        if (!ValidKey().IsMatch(key))
        {
            problem = $"{what} '{text}': the key '{key}' is invalid: two or more letters, digits, '-', '_' or '.', not starting with a digit, '-' or '.'";
            return false;
        }

        var value = text[(at + 2)..];
        var isSoft = value.StartsWith('~');
        if (!ValuePattern.TryCompile(isSoft ? value[1..] : value, out var pattern, out var wrong))
        {
            problem = $"{what} '{text}': {wrong}";
            return false;
        }

        problem = null;
        expression = new Expression(key, isNegated: isEqual < 0, isSoft, pattern);
        return true;
    }

    public override string ToString() => $"{Key}{(IsNegated ? "!=" : "==")}{(IsSoft ? "~" : "")}{Pattern.Text}";

    [GeneratedRegex(@"^[a-z_][a-z0-9\-_.]+\z", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ValidKey();
}
