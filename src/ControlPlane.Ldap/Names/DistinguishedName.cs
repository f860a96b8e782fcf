using System.Diagnostics.CodeAnalysis;

namespace ControlPlane.Ldap;

/// <summary>
/// A distinguished name (RFC 4514), read leniently as servers write it: also blanks around separators, quotes and semicolons of RFC 2253.
/// Comparison ignores the case of types and values, the form of escapes, repeated blanks and the order within a multi-valued component.
/// Unicode is not normalised.
/// </summary>
public sealed class DistinguishedName : IEquatable<DistinguishedName>
{
    /// <summary>The longest text that is parsed, in characters.</summary>
    public const int MaxLength = 8192;

    private readonly RelativeName[] _components;

    private DistinguishedName(RelativeName[] components)
    {
        _components = components;
        Key = string.Join(',', components.Select(component => component.Key));
    }

    /// <summary>The name of the root: no component at all.</summary>
    public static DistinguishedName Root { get; } = new([]);

    /// <summary>Folded text: equal names have equal keys (ordinal). For dictionaries and columns, not for servers.</summary>
    public string Key { get; }

    /// <summary>The components, the entry's own first.</summary>
    public IReadOnlyList<RelativeName> Components => _components;

    /// <summary>Whether it is the root.</summary>
    public bool IsRoot => _components.Length == 0;

    /// <summary>The name above; null for the root.</summary>
    public DistinguishedName? Parent => IsRoot ? null : new(_components[1..]);

    /// <summary>Reads a name.</summary>
    /// <exception cref="FormatException">It is none; the message says where and why.</exception>
    public static DistinguishedName Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return TryParse(text, out var name, out var error) ? name : throw new FormatException(error.ToString());
    }

    /// <summary>Reads a name; blank text is the root.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out DistinguishedName? name, [NotNullWhen(false)] out LdapTextError? error)
    {
        var parser = new Names.NameParser(text ?? "");
        var components = parser.Parse();
        name = components is null ? null : new DistinguishedName(components);
        error = components is null ? parser.Error : null;
        return components is not null;
    }

    /// <summary>A value as it stands in a name's text: <c>d,ave</c> becomes <c>d\,ave</c>.</summary>
    public static string EscapeValue(string value) => Names.NameSyntax.Escape(value);

    /// <summary>The name of an entry below this one.</summary>
    /// <param name="type">The attribute, e.g. <c>cn</c>.</param>
    /// <param name="value">The value as it is, not escaped.</param>
    public DistinguishedName Child(string type, string value) => new([new RelativeName([new NamePart(type, value)]), .. _components]);

    /// <summary>Whether this is below the other one, at any depth.</summary>
    public bool IsUnder(DistinguishedName other) =>
        _components.Length > other._components.Length
        && _components.AsSpan(_components.Length - other._components.Length).SequenceEqual(other._components);

    /// <summary>Whether this is the other one or below it.</summary>
    public bool IsWithin(DistinguishedName other) => Equals(other) || IsUnder(other);

    /// <inheritdoc/>
    public bool Equals(DistinguishedName? other) => other is not null && string.Equals(Key, other.Key, StringComparison.Ordinal);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as DistinguishedName);

    /// <inheritdoc/>
    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(Key);

    /// <summary>The name as RFC 4514 text; non-ASCII characters stay as they are.</summary>
    public override string ToString() => string.Join(',', _components.Select(component => component.ToString()));
}
