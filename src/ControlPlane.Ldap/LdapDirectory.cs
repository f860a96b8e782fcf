namespace ControlPlane.Ldap;

/// <summary>Directories on the network.</summary>
/// <param name="timeProvider">The clock of every deadline.</param>
public sealed class LdapDirectory(TimeProvider timeProvider) : ILdapDirectory
{
    /// <inheritdoc/>
    public async Task<ILdapSession> OpenAsync(LdapServer server, CancellationToken cancellationToken) =>
        await LdapConnection.ConnectAsync(server, timeProvider, cancellationToken);
}
