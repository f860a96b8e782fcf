namespace ControlPlane.Ldap;

/// <summary>One attribute of an entry.</summary>
/// <param name="Description">As the server wrote it, options included, e.g. <c>userCertificate;binary</c>.</param>
/// <param name="Values">The raw values, in the server's order.</param>
public sealed record LdapAttribute(string Description, IReadOnlyList<byte[]> Values)
{
    /// <summary>The description without its options, e.g. <c>userCertificate</c>.</summary>
    public string Name { get; } = Description.IndexOf(';', StringComparison.Ordinal) is var at and >= 0 ? Description[..at] : Description;
}
