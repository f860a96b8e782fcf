using System.Formats.Asn1;
using System.Text;
using ControlPlane.Ldap.Filters;

namespace ControlPlane.Ldap;

/// <summary><c>(!…)</c></summary>
public sealed class NotFilter : LdapFilter
{
    internal NotFilter(LdapFilter filter)
        : base(DeepestOf([filter]) + 1) => Filter = filter;

    /// <summary>Must not match.</summary>
    public LdapFilter Filter { get; }

    internal override void Write(StringBuilder text)
    {
        text.Append("(!");
        Filter.Write(text);
        text.Append(')');
    }

    internal override void Write(AsnWriter writer) => FilterSyntax.WriteSet(writer, 2, [Filter]);
}
