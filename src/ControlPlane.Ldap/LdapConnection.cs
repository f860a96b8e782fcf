namespace ControlPlane.Ldap;

/// <summary>A connection to a directory server (RFC 4511). See <see cref="ILdapSession"/>.</summary>
public sealed class LdapConnection : ILdapSession
{
    private LdapConnection()
    {
    }

    /// <inheritdoc/>
    public bool IsUsable => throw new NotSupportedException();

    /// <summary>Whether TLS protects the connection.</summary>
    public bool IsEncrypted => throw new NotSupportedException();

    /// <summary>The name of the last successful bind; empty for an anonymous one, null while nobody is bound.</summary>
    public string? BoundName => throw new NotSupportedException();

    /// <summary>Connects to the first address of the host that answers; with TLS when the settings say so.</summary>
    /// <exception cref="LdapException">Refused, Unreachable, NameNotResolved, TimedOut, TlsFailed, Certificate…, ProtocolError, ConnectionClosed.</exception>
    public static Task<LdapConnection> ConnectAsync(LdapServer server, TimeProvider timeProvider, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    /// <inheritdoc/>
    public Task BindAsync(string dn, string password, CancellationToken cancellationToken) => throw new NotSupportedException();

    /// <inheritdoc/>
    public Task BindAnonymouslyAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    /// <inheritdoc/>
    public IAsyncEnumerable<LdapEntry> SearchAsync(LdapSearch search, CancellationToken cancellationToken) => throw new NotSupportedException();

    /// <summary>An extended operation (RFC 4511, section 4.12), e.g. Who am I (1.3.6.1.4.1.4203.1.11.3).</summary>
    /// <param name="oid">The object identifier of the operation.</param>
    /// <param name="value">The operation's value, or null.</param>
    /// <param name="cancellationToken">Ends the wait; the connection is then broken.</param>
    /// <exception cref="LdapException">The server refused, or the connection failed.</exception>
    public Task<LdapExtendedResult> ExtendedAsync(string oid, byte[]? value, CancellationToken cancellationToken) => throw new NotSupportedException();

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => throw new NotSupportedException();
}
