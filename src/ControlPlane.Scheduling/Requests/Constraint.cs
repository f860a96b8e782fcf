using System.Text.RegularExpressions;

namespace ControlPlane.Scheduling;

/// <summary>
/// One condition on a node in the syntax of classic Swarm: <c>key==value</c> or <c>key!=value</c>, soft with <c>~</c> after
/// the operator. Values may be globs or <c>/regular expressions/</c>; the key <c>node</c> matches the id or the name,
/// <c>node.id</c> and <c>node.name</c> one of them, any other key a standard fact or label. A missing label is an empty value.
/// </summary>
public sealed class Constraint
{
    private readonly Expression _expression;

    private Constraint(Expression expression) => _expression = expression;

    /// <summary>The key as written.</summary>
    public string Key => _expression.Key;

    /// <summary>True for <c>!=</c>.</summary>
    public bool IsNegated => _expression.IsNegated;

    /// <summary>True when the condition is given up rather than the placement.</summary>
    public bool IsSoft => _expression.IsSoft;

    /// <summary>The value as written, without the <c>~</c>.</summary>
    public string Value => _expression.Pattern.Text;

    /// <summary>True when the value is a plain text: an index can answer it.</summary>
    public bool IsExact => _expression.Pattern.IsExact;

    internal bool ConcernsIdentity => Key is "node" or "node.id" or "node.name";

    /// <summary>Reads and compiles one expression.</summary>
    /// <param name="expression">E.g. <c>zone==eu-*</c>, <c>disk!=~hdd</c>, <c>node==/node-[12]/</c>.</param>
    public static ConstraintParse Parse(string expression)
    {
        ArgumentNullException.ThrowIfNull(expression);
        return Expression.TryParse("constraint", expression, out var parsed, out var problem)
            ? new ConstraintParse.Valid(new Constraint(parsed))
            : new ConstraintParse.Invalid(problem);
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
            // A value too long for a pattern: the safe answer for both operators is no.
            return false;
        }
    }

    /// <summary>Returns the expression in canonical form.</summary>
    public override string ToString() => _expression.ToString();

    private bool Matches(in NodeView node)
    {
        var pattern = _expression.Pattern;
        return Key switch
        {
            "node" => pattern.IsMatch(node.Id.Value) || pattern.IsMatch(node.Name),
            "node.id" => pattern.IsMatch(node.Id.Value),
            "node.name" => pattern.IsMatch(node.Name),
            _ => pattern.IsMatch(node.Facts.Labels.Find(Key) ?? ""),
        };
    }
}
