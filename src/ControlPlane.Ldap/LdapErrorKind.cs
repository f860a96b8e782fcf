namespace ControlPlane.Ldap;

/// <summary>What went wrong, in the terms an administrator acts on.</summary>
public enum LdapErrorKind
{
    /// <summary>The host is there, and nothing listens on that port.</summary>
    Refused,

    /// <summary>There is no way to the address.</summary>
    Unreachable,

    /// <summary>The host name is unknown.</summary>
    NameNotResolved,

    /// <summary>A deadline of <see cref="LdapServer"/> passed.</summary>
    TimedOut,

    /// <summary>TLS could not be set up for another reason than the certificate; also a refused StartTLS.</summary>
    TlsFailed,

    /// <summary>None of the trusted authorities signed the server's certificate, or it is not for servers.</summary>
    CertificateUntrusted,

    /// <summary>The server's certificate is not valid yet or not any more.</summary>
    CertificateExpired,

    /// <summary>The server's certificate is for another host name.</summary>
    CertificateNameMismatch,

    /// <summary>The client will not send a password over an unprotected connection. Nothing was sent.</summary>
    PlainPasswordRefused,

    /// <summary>Empty, blank or with a NUL: some servers take such a bind for an anonymous one (RFC 4513, section 5.1.2). Nothing was sent.</summary>
    EmptyPassword,

    /// <summary>A bind with a password but without a name. Nothing was sent.</summary>
    EmptyName,

    /// <summary>Result 49: unknown name, wrong password or an account that may not sign in; see <see cref="LdapException.AdFailure"/>.</summary>
    InvalidCredentials,

    /// <summary>Results 8 and 13: the server wants TLS or a stronger bind.</summary>
    StrongerAuthenticationRequired,

    /// <summary>Result 50: the bound account may not do this.</summary>
    AccessDenied,

    /// <summary>Result 4, or the limits of <see cref="LdapSearch"/>: there is more than was given.</summary>
    SizeLimitExceeded,

    /// <summary>Result 3: the server gave up after its or our time limit.</summary>
    TimeLimitExceeded,

    /// <summary>Result 32: the base of the search, or the named entry, does not exist.</summary>
    NoSuchObject,

    /// <summary>Result 10: the server points elsewhere. Referrals are never followed.</summary>
    Referral,

    /// <summary>Results 51 and 52: the server is busy or shutting down.</summary>
    Unavailable,

    /// <summary>The server sent something that is not LDAP, or not an answer to what was asked. The connection is broken.</summary>
    ProtocolError,

    /// <summary>The connection has ended, now or earlier.</summary>
    ConnectionClosed,

    /// <summary>Any other result code; see <see cref="LdapException.ResultCode"/>.</summary>
    ServerError,
}
