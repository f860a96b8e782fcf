using System.Formats.Asn1;
using System.Text;
using ControlPlane.Ldap.Filters;

namespace ControlPlane.Ldap;

/// <summary><c>(attribute=*)</c></summary>
public sealed class PresenceFilter : LdapFilter
{
    internal PresenceFilter(string attribute)
        : base(0) => Attribute = CheckedAttribute(attribute);

    /// <summary>The attribute's description.</summary>
    public string Attribute { get; }

    internal override void Write(StringBuilder text) => text.Append('(').Append(Attribute).Append("=*)");

    internal override void Write(AsnWriter writer) => FilterSyntax.WriteText(writer, Attribute, FilterSyntax.Context(7));
}
