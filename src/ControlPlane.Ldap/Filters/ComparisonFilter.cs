using System.Formats.Asn1;
using System.Text;
using ControlPlane.Ldap.Filters;

namespace ControlPlane.Ldap;

/// <summary><c>(attribute=value)</c> and its three relatives.</summary>
public sealed class ComparisonFilter : LdapFilter
{
    private readonly byte[] _value;

    internal ComparisonFilter(FilterComparison comparison, string attribute, byte[] value)
        : base(0)
    {
        Comparison = comparison;
        Attribute = CheckedAttribute(attribute);
        _value = value;
    }

    /// <summary>How.</summary>
    public FilterComparison Comparison { get; }

    /// <summary>The attribute's description.</summary>
    public string Attribute { get; }

    /// <summary>The raw value.</summary>
    public ReadOnlyMemory<byte> Value => _value;

    internal override void Write(StringBuilder text)
    {
        text.Append('(').Append(Attribute).Append(Comparison switch
        {
            FilterComparison.GreaterOrEqual => ">=",
            FilterComparison.LessOrEqual => "<=",
            FilterComparison.Approximate => "~=",
            _ => "=",
        });
        FilterSyntax.AppendValue(text, _value);
        text.Append(')');
    }

    internal override void Write(AsnWriter writer)
    {
        var number = Comparison switch
        {
            FilterComparison.GreaterOrEqual => 5,
            FilterComparison.LessOrEqual => 6,
            FilterComparison.Approximate => 8,
            _ => 3,
        };
        using var _ = writer.PushSequence(FilterSyntax.Context(number));
        FilterSyntax.WriteText(writer, Attribute);
        writer.WriteOctetString(_value);
    }
}
