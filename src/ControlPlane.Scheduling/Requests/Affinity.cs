using System.Text.RegularExpressions;

namespace ControlPlane.Scheduling;

/// <summary>What an affinity looks at.</summary>
public enum AffinityKind
{
    /// <summary>Containers on the node, by name or full id (key <c>container</c>).</summary>
    Container,

    /// <summary>Images on the node, by id, <c>repository:tag</c> or repository (key <c>image</c>).</summary>
    Image,

    /// <summary>A label of containers on the node (any other key); a container without it has the value "".</summary>
    Label,
}

/// <summary>
/// Near or far from what a node holds, e.g. <c>container==db</c>, <c>image!=nginx*</c>, <c>tier!=~web</c>. Parsed and compiled once;
/// immutable. <c>!=</c> holds when nothing on the node matches, so it holds on an empty node.
/// </summary>
public sealed class Affinity
{
    private readonly Expression _expression;

    private Affinity(Expression expression)
    {
        _expression = expression;
        Kind = expression.Key switch { "container" => AffinityKind.Container, "image" => AffinityKind.Image, _ => AffinityKind.Label };
    }

    /// <summary>What it looks at.</summary>
    public AffinityKind Kind { get; }

    /// <summary><c>container</c>, <c>image</c> or the key of a container label.</summary>
    public string Key => _expression.Key;

    /// <summary>True for <c>!=</c>.</summary>
    public bool IsNegated => _expression.IsNegated;

    /// <summary>True when it is given up rather than that nothing fits (<c>~</c> after the operator).</summary>
    public bool IsSoft => _expression.IsSoft;

    /// <summary>The value as written, without <c>~</c>.</summary>
    public string Value => _expression.Pattern.Text;

    /// <summary>True when the value is a plain text: an index can answer it.</summary>
    public bool IsExact => _expression.Pattern.IsExact;

    /// <summary>Reads <c>key==value</c>, <c>key!=value</c> and their soft forms with <c>~</c>.</summary>
    /// <param name="expression">As a user wrote it, without the prefix <c>affinity:</c>.</param>
    public static AffinityParse Parse(string expression)
    {
        ArgumentNullException.ThrowIfNull(expression);
        return Expression.TryParse("affinity", expression, out var parsed, out var problem)
            ? new AffinityParse.Valid(new Affinity(parsed))
            : new AffinityParse.Invalid(problem);
    }

    /// <summary>Says whether one value matches; the operator is not applied.</summary>
    /// <param name="value">A name, id, image name or label value.</param>
    /// <exception cref="RegexMatchTimeoutException">The value is too long for the pattern.</exception>
    public bool Matches(string value) => _expression.Pattern.IsMatch(value);

    /// <summary>Returns e.g. <c>tier!=~web</c>.</summary>
    public override string ToString() => _expression.ToString();
}
