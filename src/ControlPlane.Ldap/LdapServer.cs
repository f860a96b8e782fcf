using System.Security.Cryptography.X509Certificates;

namespace ControlPlane.Ldap;

/// <summary>Where a directory server is and how to reach it. Holds no password.</summary>
public sealed record LdapServer
{
    private const int MostMessageBytes = 512 * 1024 * 1024;

    /// <summary>A host name or an address. The server's certificate must be made out to exactly this.</summary>
    public required string Host { get; init; }

    /// <summary>1 to 65535; 0 means the usual one: 636 for <see cref="LdapSecurity.Tls"/>, otherwise 389.</summary>
    public int Port { get; init; }

    /// <summary>Protection of the connection.</summary>
    public LdapSecurity Security { get; init; } = LdapSecurity.Tls;

    /// <summary>The authorities that may have signed the server's certificate; null means those the system trusts.</summary>
    public X509Certificate2Collection? TrustedCertificates { get; init; }

    /// <summary>Accepts any certificate for any name. Whoever is on the way can then read the passwords.</summary>
    public bool SkipCertificateCheck { get; init; }

    /// <summary>Told the server's certificate before it is judged, also when it is then refused: for who finds out why. Must not throw or keep it.</summary>
    public Action<X509Certificate2>? CertificateSeen { get; init; }

    /// <summary>Allows a password on an unprotected connection. Without it such a bind fails before a byte is sent.</summary>
    public bool AllowPlainPasswords { get; init; }

    /// <summary>Limit for name resolution, connect to any of the addresses, StartTLS and the TLS handshake together.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Limit for a bind, for an extended operation, and for the wait for each next message of a search.</summary>
    public TimeSpan OperationTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The largest message accepted from the server, in bytes, 1 KiB to 512 MiB. A group entry with 100,000 members takes about 8 MB.</summary>
    public int MaxMessageBytes { get; init; } = 16 * 1024 * 1024;

    internal int EffectivePort => Port != 0 ? Port : Security == LdapSecurity.Tls ? 636 : 389;

    internal void ThrowIfUnusable()
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(Host);
        ArgumentOutOfRangeException.ThrowIfNegative(Port);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Port, 65535);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(ConnectTimeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(OperationTimeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxMessageBytes, 1024);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxMessageBytes, MostMessageBytes);
    }
}
