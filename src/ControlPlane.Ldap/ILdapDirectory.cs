namespace ControlPlane.Ldap;

/// <summary>The seam between the features that ask a directory and the network.</summary>
public interface ILdapDirectory
{
    /// <summary>Connects, with TLS if the server's settings say so. Nobody is bound yet.</summary>
    /// <exception cref="LdapException">Any kind of the connect and TLS family, or <see cref="LdapErrorKind.TimedOut"/>.</exception>
    Task<ILdapSession> OpenAsync(LdapServer server, CancellationToken cancellationToken);
}
