using ControlPlane.Ldap.Names;

namespace ControlPlane.Ldap;

/// <summary>An attribute with its value inside a distinguished name.</summary>
public sealed class NamePart
{
    internal NamePart(string type, string value, bool isBinary = false)
    {
        ArgumentNullException.ThrowIfNull(type);
        ArgumentNullException.ThrowIfNull(value);
        if (!Filters.FilterSyntax.IsName(type))
        {
            throw new ArgumentException("This is not an attribute's name.", nameof(type));
        }

        if (value.Length == 0)
        {
            throw new ArgumentException("A name's value is not empty.", nameof(value));
        }

        Type = type;
        Value = value;
        IsBinary = isBinary;
        Key = NameSyntax.FoldType(type) + "=" + (isBinary ? value : NameSyntax.Escape(NameSyntax.FoldValue(value)));
    }

    /// <summary>As it was written, e.g. <c>CN</c> or <c>2.5.4.3</c>.</summary>
    public string Type { get; }

    /// <summary>The value, not escaped; see <see cref="IsBinary"/>.</summary>
    public string Value { get; }

    /// <summary>Whether the value is no text: <see cref="Value"/> is then a number sign and the hexadecimal BER form.</summary>
    public bool IsBinary { get; }

    internal string Key { get; }

    /// <inheritdoc/>
    public override string ToString() => Type + "=" + (IsBinary ? Value : NameSyntax.Escape(Value));
}
