namespace ControlPlane.Ldap;

/// <summary>The answer to an extended operation (RFC 4511, section 4.12) that succeeded.</summary>
/// <param name="Name">The object identifier of the answer, when the server gave one.</param>
/// <param name="Value">The value, when the server gave one.</param>
public sealed record LdapExtendedResult(string? Name, byte[]? Value);
