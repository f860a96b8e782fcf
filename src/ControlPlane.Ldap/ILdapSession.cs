namespace ControlPlane.Ldap;

/// <summary>
/// One connection to a directory server. One operation at a time: a second one while a bind or search runs is a misuse
/// (<see cref="InvalidOperationException"/>). Disposing says goodbye and takes at most a second.
/// </summary>
public interface ILdapSession : IAsyncDisposable
{
    /// <summary>False once the connection has ended or an operation was cut off: it is then of no more use and never comes back by itself.</summary>
    bool IsUsable { get; }

    /// <summary>Simple bind (RFC 4513, section 5.1.3). After a refusal nobody is bound, whoever was before.</summary>
    /// <param name="dn">A distinguished name; Active Directory also takes <c>name@domain</c> and <c>DOMAIN\name</c>.</param>
    /// <param name="password">Not empty, not blank, without NUL.</param>
    /// <param name="cancellationToken">Ends the wait; the session is then broken.</param>
    /// <exception cref="LdapException"><see cref="LdapErrorKind.InvalidCredentials"/> and all others.</exception>
    Task BindAsync(string dn, string password, CancellationToken cancellationToken);

    /// <summary>Anonymous bind (RFC 4513, section 5.1.1).</summary>
    Task BindAnonymouslyAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Searches while it is enumerated; pages and ranges of values are read on by themselves, so that every attribute is complete.
    /// Leaving the enumeration early tells the server to stop and keeps the session usable; cancelling it in a wait breaks the session.
    /// </summary>
    /// <exception cref="LdapException">While enumerating; the entries given before are valid but not all.</exception>
    IAsyncEnumerable<LdapEntry> SearchAsync(LdapSearch search, CancellationToken cancellationToken);
}
