using System.Formats.Asn1;
using System.Text;
using ControlPlane.Ldap.Filters;

namespace ControlPlane.Ldap;

/// <summary><c>(&amp;…)</c></summary>
public sealed class AndFilter : LdapFilter
{
    internal AndFilter(IReadOnlyList<LdapFilter> filters)
        : base(DeepestOf(filters) + 1) => Filters = [.. filters];

    /// <summary>All must match.</summary>
    public IReadOnlyList<LdapFilter> Filters { get; }

    internal override void Write(StringBuilder text)
    {
        text.Append("(&");
        foreach (var filter in Filters)
        {
            filter.Write(text);
        }

        text.Append(')');
    }

    internal override void Write(AsnWriter writer) => FilterSyntax.WriteSet(writer, 0, Filters);
}
