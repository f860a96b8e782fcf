using System.Formats.Asn1;
using System.Text;
using ControlPlane.Ldap.Filters;

namespace ControlPlane.Ldap;

/// <summary><c>(attribute:dn:rule:=value)</c></summary>
public sealed class ExtensibleFilter : LdapFilter
{
    private readonly byte[] _value;

    internal ExtensibleFilter(string? attribute, string? rule, byte[] value, bool dnAttributes)
        : base(0)
    {
        if (attribute is null && rule is null)
        {
            throw new ArgumentException("An extensible filter names an attribute, a rule or both.", nameof(attribute));
        }

        if (rule is not null && !FilterSyntax.IsName(rule))
        {
            throw new ArgumentException("This is not a matching rule's name.", nameof(rule));
        }

        Attribute = attribute is null ? null : CheckedAttribute(attribute);
        Rule = rule;
        DnAttributes = dnAttributes;
        _value = value;
    }

    /// <summary>The attribute's description; null for every attribute the rule fits.</summary>
    public string? Attribute { get; }

    /// <summary>The matching rule; null for the attribute's own.</summary>
    public string? Rule { get; }

    /// <summary>Whether the attributes in the entry's name count too.</summary>
    public bool DnAttributes { get; }

    /// <summary>The raw value.</summary>
    public ReadOnlyMemory<byte> Value => _value;

    internal override void Write(StringBuilder text)
    {
        text.Append('(').Append(Attribute);
        if (DnAttributes)
        {
            text.Append(":dn");
        }

        if (Rule is not null)
        {
            text.Append(':').Append(Rule);
        }

        text.Append(":=");
        FilterSyntax.AppendValue(text, _value);
        text.Append(')');
    }

    internal override void Write(AsnWriter writer)
    {
        using var _ = writer.PushSequence(FilterSyntax.Context(9));
        if (Rule is not null)
        {
            FilterSyntax.WriteText(writer, Rule, FilterSyntax.Context(1));
        }

        if (Attribute is not null)
        {
            FilterSyntax.WriteText(writer, Attribute, FilterSyntax.Context(2));
        }

        writer.WriteOctetString(_value, FilterSyntax.Context(3));
        if (DnAttributes)
        {
            writer.WriteBoolean(true, FilterSyntax.Context(4));
        }
    }
}
