using System.Formats.Asn1;
using System.Text;
using ControlPlane.Ldap.Filters;

namespace ControlPlane.Ldap;

/// <summary><c>(attribute=initial*any*final)</c></summary>
public sealed class SubstringFilter : LdapFilter
{
    private readonly byte[]? _initial;
    private readonly byte[][] _any;
    private readonly byte[]? _final;

    internal SubstringFilter(string attribute, byte[]? initial, byte[][] any, byte[]? final)
        : base(0)
    {
        if ((initial is null && any.Length == 0 && final is null)
            || initial is { Length: 0 } || final is { Length: 0 } || any.Any(part => part.Length == 0))
        {
            throw new ArgumentException("A substring filter has at least one part, and none is empty.", nameof(any));
        }

        Attribute = CheckedAttribute(attribute);
        _initial = initial;
        _any = any;
        _final = final;
    }

    /// <summary>The attribute's description.</summary>
    public string Attribute { get; }

    /// <summary>How the value begins, or null.</summary>
    public ReadOnlyMemory<byte>? Initial => _initial is null ? null : new ReadOnlyMemory<byte>(_initial);

    /// <summary>What comes between, in this order.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Any => [.. _any.Select(part => new ReadOnlyMemory<byte>(part))];

    /// <summary>How the value ends, or null.</summary>
    public ReadOnlyMemory<byte>? Final => _final is null ? null : new ReadOnlyMemory<byte>(_final);

    internal override void Write(StringBuilder text)
    {
        text.Append('(').Append(Attribute).Append('=');
        FilterSyntax.AppendValue(text, _initial);
        text.Append('*');
        foreach (var part in _any)
        {
            FilterSyntax.AppendValue(text, part);
            text.Append('*');
        }

        FilterSyntax.AppendValue(text, _final);
        text.Append(')');
    }

    internal override void Write(AsnWriter writer)
    {
        using var substrings = writer.PushSequence(FilterSyntax.Context(4));
        FilterSyntax.WriteText(writer, Attribute);
        using var parts = writer.PushSequence();
        if (_initial is not null)
        {
            writer.WriteOctetString(_initial, FilterSyntax.Context(0));
        }

        foreach (var part in _any)
        {
            writer.WriteOctetString(part, FilterSyntax.Context(1));
        }

        if (_final is not null)
        {
            writer.WriteOctetString(_final, FilterSyntax.Context(2));
        }
    }
}
