using ControlPlane.Ldap;

namespace ControlPlane.Core.Directories.Settings;

/// <summary>The settings with the passwords they need, ready to be used. Immutable; a change makes a new one.</summary>
internal sealed class DirectoryConfiguration
{
    public static readonly DirectoryConfiguration None = new(new DirectorySettings(), new Dictionary<string, string>(), 0);

    private readonly Dictionary<string, string> _passwords;
    private readonly Dictionary<string, LdapServer> _servers;

    /// <param name="settings">Valid.</param>
    /// <param name="passwords">By <see cref="DirectoryServer.Key"/>.</param>
    /// <param name="revision">Of the row.</param>
    public DirectoryConfiguration(DirectorySettings settings, IReadOnlyDictionary<string, string> passwords, long revision)
    {
        _passwords = settings.Servers.Where(server => passwords.ContainsKey(server.Key)).DistinctBy(server => server.Key)
            .ToDictionary(server => server.Key, server => passwords[server.Key], StringComparer.Ordinal);
        Settings = settings with
        {
            Servers = [.. settings.Servers.Select(server => server with { ReaderPassword = null, ReaderPasswordSet = _passwords.ContainsKey(server.Key) })],
        };
        _servers = Settings.Servers.DistinctBy(server => server.Key).ToDictionary(server => server.Key, server => ToLdap(server, settings), StringComparer.Ordinal);
        Revision = revision;
    }

    public DirectorySettings Settings { get; }

    public long Revision { get; }

    public IReadOnlyDictionary<string, string> Passwords => _passwords;

    public string? PasswordOf(DirectoryServer server) => _passwords.GetValueOrDefault(server.Key);

    public LdapServer LdapOf(DirectoryServer server) => _servers[server.Key];

    public override string ToString() => $"DirectoryConfiguration {Revision}";

    private static LdapServer ToLdap(DirectoryServer server, DirectorySettings settings) => new()
    {
        Host = server.Uri!.IdnHost.Trim('[', ']'),
        Port = server.Uri.IsDefaultPort || server.Uri.Port < 0 ? 0 : server.Uri.Port,
        Security = server.Security,
        TrustedCertificates = DirectoryValidation.ReadCertificates(server.RootCertificates),
        SkipCertificateCheck = server.SkipTlsVerify,
        AllowPlainPasswords = server.AllowPlainLdap,
        ConnectTimeout = TimeSpan.FromSeconds(settings.ConnectTimeoutSeconds),
        OperationTimeout = TimeSpan.FromSeconds(settings.OperationTimeoutSeconds),
        // A group with half a million members is one message.
        MaxMessageBytes = 64 * 1024 * 1024,
    };
}
