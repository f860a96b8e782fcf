namespace ControlPlane.Ldap;

/// <summary>One component of a distinguished name: mostly one attribute with its value, sometimes several joined by a plus sign.</summary>
public sealed class RelativeName : IEquatable<RelativeName>
{
    internal RelativeName(IReadOnlyList<NamePart> parts)
    {
        Parts = parts;
        Key = parts.Count == 1 ? parts[0].Key : string.Join('+', parts.Select(part => part.Key).Order(StringComparer.Ordinal));
    }

    /// <summary>At least one, in the order they were written.</summary>
    public IReadOnlyList<NamePart> Parts { get; }

    internal string Key { get; }

    /// <inheritdoc/>
    public bool Equals(RelativeName? other) => other is not null && string.Equals(Key, other.Key, StringComparison.Ordinal);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as RelativeName);

    /// <inheritdoc/>
    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(Key);

    /// <inheritdoc/>
    public override string ToString() => string.Join('+', Parts.Select(part => part.ToString()));
}
