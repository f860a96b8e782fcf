namespace ControlPlane.Ldap;

/// <summary>How deep a search goes (RFC 4511, section 4.5.1.2). The values are those on the wire.</summary>
public enum LdapScope
{
    /// <summary>The base entry alone.</summary>
    Base = 0,

    /// <summary>The entries directly below the base.</summary>
    OneLevel = 1,

    /// <summary>The base and everything below.</summary>
    Subtree = 2,
}
