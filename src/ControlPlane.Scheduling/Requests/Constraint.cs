using System.Text.RegularExpressions;

namespace ControlPlane.Scheduling;

/// <summary>
/// One condition on a node in the syntax of classic Swarm: <c>key==value</c> or <c>key!=value</c>, soft with <c>~</c> after
/// the operator. Values may be globs or <c>/regular expressions/</c>; the key <c>node</c> matches the id or the name,
/// <c>node.id</c> and <c>node.name</c> one of them, any other key a standard fact or label. A missing label is an empty value.
/// </summary>
public sealed partial class Constraint
{
    private readonly ValuePattern _pattern;

    private Constraint(string key, bool isNegated, bool isSoft, ValuePattern pattern)
    {
        Key = key;
        IsNegated = isNegated;
        IsSoft = isSoft;
        _pattern = pattern;
    }

    /// <summary>The key as written.</summary>
    public string Key { get; }

    /// <summary>True for <c>!=</c>.</summary>
    public bool IsNegated { get; }

    /// <summary>True when the condition is given up rather than the placement.</summary>
    public bool IsSoft { get; }

    /// <summary>The value as written, without the <c>~</c>.</summary>
    public string Value => _pattern.Text;

    internal bool ConcernsIdentity => Key is "node" or "node.id" or "node.name";

    /// <summary>Reads and compiles one expression.</summary>
    /// <param name="expression">E.g. <c>zone==eu-*</c>, <c>disk!=~hdd</c>, <c>node==/node-[12]/</c>.</param>
    public static ConstraintParse Parse(string expression)
    {
        ArgumentNullException.ThrowIfNull(expression);
        var isEqual = expression.IndexOf("==", StringComparison.Ordinal);
        var at = isEqual >= 0 ? isEqual : expression.IndexOf("!=", StringComparison.Ordinal);
        if (at < 0)
        {
            return Invalid(expression, "one of the operators == and != is expected");
        }

        var key = expression[..at];
        if (!ValidKey().IsMatch(key))
        {
            return Invalid(expression, $"the key '{key}' is invalid: two or more letters, digits, '-', '_' or '.', not starting with a digit, '-' or '.'");
        }

        var value = expression[(at + 2)..];
        var isSoft = value.StartsWith('~');
        value = isSoft ? value[1..] : value;
        return ValuePattern.TryCompile(value, out var pattern, out var problem)
            ? new ConstraintParse.Valid(new Constraint(key, isNegated: isEqual < 0, isSoft, pattern))
            : Invalid(expression, problem);
    }

    /// <summary>Says whether a node meets the condition, taken as a hard one. Allocates nothing for plain values.</summary>
    /// <param name="node">The node.</param>
    public bool IsMetBy(in NodeView node)
    {
        try
        {
            return Matches(node) != IsNegated;
        }
        catch (RegexMatchTimeoutException)
        {
            // A value so long that even a linear match takes too long: the safe answer for both operators is no.
            return false;
        }
    }

    /// <summary>Returns the expression in canonical form.</summary>
    public override string ToString() => $"{Key}{(IsNegated ? "!=" : "==")}{(IsSoft ? "~" : "")}{Value}";

    private static ConstraintParse.Invalid Invalid(string expression, string problem) => new($"constraint '{expression}': {problem}");

    private bool Matches(in NodeView node) => Key switch
    {
        "node" => _pattern.IsMatch(node.Id.Value) || _pattern.IsMatch(node.Name),
        "node.id" => _pattern.IsMatch(node.Id.Value),
        "node.name" => _pattern.IsMatch(node.Name),
        _ => _pattern.IsMatch(node.Facts.Labels.Find(Key) ?? ""),
    };

    [GeneratedRegex(@"^[a-z_][a-z0-9\-_.]+\z", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ValidKey();
}
