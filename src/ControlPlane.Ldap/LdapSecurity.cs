namespace ControlPlane.Ldap;

/// <summary>How the connection to a directory server is protected.</summary>
public enum LdapSecurity
{
    /// <summary>TLS from the first byte (ldaps, port 636).</summary>
    Tls,

    /// <summary>Plain connect, then TLS before anything else is sent (RFC 4511, section 4.14). Never falls back to plain.</summary>
    StartTls,

    /// <summary>No protection. Passwords are refused unless <see cref="LdapServer.AllowPlainPasswords"/> is set.</summary>
    None,
}
