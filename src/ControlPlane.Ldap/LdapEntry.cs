using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace ControlPlane.Ldap;

/// <summary>
/// One entry a search found. Attribute names are compared without case. A name without options finds the attribute of exactly that name, and
/// only when there is none, those with options: <c>userCertificate</c> finds <c>userCertificate;binary</c>.
/// </summary>
/// <param name="dn">The distinguished name as the server wrote it.</param>
/// <param name="attributes">In the server's order.</param>
public sealed class LdapEntry(string dn, IReadOnlyList<LdapAttribute> attributes)
{
    /// <summary>The distinguished name as the server wrote it. Compare by <see cref="DistinguishedName"/>.</summary>
    public string Dn { get; } = dn;

    /// <summary>All attributes, in the server's order.</summary>
    public IReadOnlyList<LdapAttribute> Attributes { get; } = attributes;

    /// <summary>Whether the attribute has a value.</summary>
    public bool Has(string name) => AllBytes(name).Count > 0;

    /// <summary>The first value as text (UTF-8; what is none becomes U+FFFD), null when there is none.</summary>
    public string? First(string name) => FirstBytes(name) is { } value ? Encoding.UTF8.GetString(value) : null;

    /// <summary>All values as text.</summary>
    public IReadOnlyList<string> All(string name) => [.. AllBytes(name).Select(Encoding.UTF8.GetString)];

    /// <summary>The first value, null when there is none.</summary>
    public byte[]? FirstBytes(string name) => AllBytes(name) is [var first, ..] ? first : null;

    /// <summary>All values.</summary>
    public IReadOnlyList<byte[]> AllBytes(string name)
    {
        var exact = Find(attribute => string.Equals(attribute.Description, name, StringComparison.OrdinalIgnoreCase));
        return exact.Count > 0 ? exact : Find(attribute => string.Equals(attribute.Name, name, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>Active Directory's <c>objectGUID</c> and the like: 16 bytes in the order of <see cref="System.Guid"/>; null when it is none.</summary>
    [SuppressMessage("Naming", "CA1720:Identifier contains type name", Justification = "It is what it reads.")]
    public Guid? Guid(string name) => FirstBytes(name) is { Length: 16 } value ? new Guid(value) : null;

    /// <summary>The distinguished name.</summary>
    public override string ToString() => Dn;

    private IReadOnlyList<byte[]> Find(Func<LdapAttribute, bool> isMeant)
    {
        IReadOnlyList<byte[]>? one = null;
        List<byte[]>? many = null;
        foreach (var attribute in Attributes)
        {
            if (!isMeant(attribute) || attribute.Values.Count == 0)
            {
                continue;
            }

            if (one is null)
            {
                one = attribute.Values;
                continue;
            }

            many ??= [.. one];
            many.AddRange(attribute.Values);
        }

        return many ?? one ?? [];
    }
}
