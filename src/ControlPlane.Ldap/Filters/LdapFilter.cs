using System.Diagnostics.CodeAnalysis;
using System.Formats.Asn1;
using System.Text;

namespace ControlPlane.Ldap;

/// <summary>
/// A search filter: an immutable tree, made by the factories here or from text (RFC 4515). Values given to the factories are taken as they are,
/// never as filter text, so that what somebody typed cannot change the filter. Two filters are equal when their text is.
/// </summary>
public abstract class LdapFilter : IEquatable<LdapFilter>
{
    /// <summary>The deepest nesting of <c>&amp;</c>, <c>|</c> and <c>!</c>.</summary>
    public const int MaxDepth = 50;

    /// <summary>The longest text that is parsed, in characters.</summary>
    public const int MaxLength = 16_384;

    /// <summary>Active Directory's rule for nested groups: "in chain".</summary>
    public const string InChain = "1.2.840.113556.1.4.1941";

    private string? _text;

    private protected LdapFilter(int depth)
    {
        if (depth > MaxDepth)
        {
            throw new ArgumentException($"A filter is nested at most {MaxDepth} deep.", nameof(depth));
        }

        Depth = depth;
    }

    internal int Depth { get; }

    /// <summary>Every one must match; none at all matches everything (RFC 4526).</summary>
    public static LdapFilter And(params IReadOnlyList<LdapFilter> filters) => new AndFilter(filters);

    /// <summary>One must match; none at all matches nothing (RFC 4526).</summary>
    public static LdapFilter Or(params IReadOnlyList<LdapFilter> filters) => new OrFilter(filters);

    /// <summary>Must not match.</summary>
    public static LdapFilter Not(LdapFilter filter) => new NotFilter(filter);

    /// <summary>The attribute has this value.</summary>
    public static LdapFilter Equal(string attribute, string value) => Equal(attribute, Encoding.UTF8.GetBytes(value));

    /// <summary>The attribute has this value, e.g. the 16 bytes of an <c>objectGUID</c>.</summary>
    public static LdapFilter Equal(string attribute, ReadOnlySpan<byte> value) => new ComparisonFilter(FilterComparison.Equal, attribute, value.ToArray());

    /// <summary>Active Directory's way to find by <c>objectGUID</c>.</summary>
    public static LdapFilter Equal(string attribute, Guid value) => Equal(attribute, value.ToByteArray());

    /// <summary>The attribute has a value at or after this one.</summary>
    public static LdapFilter GreaterOrEqual(string attribute, string value) =>
        new ComparisonFilter(FilterComparison.GreaterOrEqual, attribute, Encoding.UTF8.GetBytes(value));

    /// <summary>The attribute has a value at or before this one.</summary>
    public static LdapFilter LessOrEqual(string attribute, string value) =>
        new ComparisonFilter(FilterComparison.LessOrEqual, attribute, Encoding.UTF8.GetBytes(value));

    /// <summary>The attribute has a value like this one; what that means is the server's.</summary>
    public static LdapFilter Approximate(string attribute, string value) =>
        new ComparisonFilter(FilterComparison.Approximate, attribute, Encoding.UTF8.GetBytes(value));

    /// <summary>The attribute has a value.</summary>
    public static LdapFilter Present(string attribute) => new PresenceFilter(attribute);

    /// <summary>A value begins with this.</summary>
    public static LdapFilter StartsWith(string attribute, string value) => Substring(attribute, value, [], null);

    /// <summary>A value contains this.</summary>
    public static LdapFilter Contains(string attribute, string value) => Substring(attribute, null, [value], null);

    /// <summary>A value begins, goes on and ends like this; at least one part, none empty.</summary>
    public static LdapFilter Substring(string attribute, string? initial, IReadOnlyList<string> any, string? final) => new SubstringFilter(
        attribute,
        initial is null ? null : Encoding.UTF8.GetBytes(initial),
        [.. any.Select(Encoding.UTF8.GetBytes)],
        final is null ? null : Encoding.UTF8.GetBytes(final));

    /// <summary>A matching rule of the server's.</summary>
    /// <param name="attribute">Null for every attribute the rule fits; then a rule is needed.</param>
    /// <param name="rule">Name or object identifier; null for the attribute's own.</param>
    /// <param name="value">The value as it is.</param>
    /// <param name="dnAttributes">Whether the attributes in the entry's name count too.</param>
    public static LdapFilter Extensible(string? attribute, string? rule, string value, bool dnAttributes = false) =>
        new ExtensibleFilter(attribute, rule, Encoding.UTF8.GetBytes(value), dnAttributes);

    /// <summary>Active Directory: members of this group, also through groups in between (<c>attribute</c> is <c>memberOf</c> or <c>member</c>).</summary>
    public static LdapFilter MatchesInChain(string attribute, string dn) => Extensible(attribute, InChain, dn);

    /// <summary>Reads RFC 4515 text; blanks between filters are allowed.</summary>
    /// <exception cref="FormatException">It is none; the message says where and why.</exception>
    public static LdapFilter Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return TryParse(text, out var filter, out var error) ? filter : throw new FormatException(error.ToString());
    }

    /// <summary>Reads RFC 4515 text; blanks between filters are allowed.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out LdapFilter? filter, [NotNullWhen(false)] out LdapTextError? error)
    {
        var parser = new Filters.FilterParser(text ?? "");
        filter = parser.Parse();
        error = filter is null ? parser.Error : null;
        return filter is not null;
    }

    /// <summary>Whether this is an attribute description (RFC 4512, section 2.5): a name or object identifier, with options.</summary>
    public static bool IsAttribute([NotNullWhen(true)] string? text) => Filters.FilterSyntax.IsAttribute(text);

    /// <summary>The filter as RFC 4515 text, with everything but printable ASCII escaped.</summary>
    public sealed override string ToString()
    {
        if (_text is null)
        {
            var builder = new StringBuilder();
            Write(builder);
            _text = builder.ToString();
        }

        return _text;
    }

    /// <inheritdoc/>
    public bool Equals(LdapFilter? other) => other is not null && string.Equals(ToString(), other.ToString(), StringComparison.Ordinal);

    /// <inheritdoc/>
    public sealed override bool Equals(object? obj) => Equals(obj as LdapFilter);

    /// <inheritdoc/>
    public sealed override int GetHashCode() => StringComparer.Ordinal.GetHashCode(ToString());

    internal abstract void Write(StringBuilder text);

    internal abstract void Write(AsnWriter writer);

    private protected static string CheckedAttribute(string attribute)
    {
        ArgumentNullException.ThrowIfNull(attribute);
        return IsAttribute(attribute) ? attribute : throw new ArgumentException("This is not an attribute's name.", nameof(attribute));
    }

    private protected static int DeepestOf(IReadOnlyList<LdapFilter> filters)
    {
        ArgumentNullException.ThrowIfNull(filters);
        return filters.Count == 0 ? 0 : filters.Max(filter => filter.Depth);
    }
}
