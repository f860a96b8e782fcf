using ControlPlane.TestKit.Directories;

namespace ControlPlane.Ldap.Tests.OpenLdap;

/// <summary>One OpenLDAP for all tests that leave it as it is: the people of the test kit and 1,200 more users.</summary>
public sealed class OpenLdapFixture : IAsyncLifetime
{
    public const int Users = 1200;

    private OpenLdapServer? _server;

    public OpenLdapServer Server => _server ?? throw new InvalidOperationException("Not started.");

    public LdapServer Tls => new() { Host = Server.Host, Port = Server.TlsPort, TrustedCertificates = Server.Authority };

    public LdapServer StartTls => Tls with { Port = Server.Port, Security = LdapSecurity.StartTls };

    public async ValueTask InitializeAsync()
    {
        _server = await OpenLdapServer.StartAsync();
        await _server.LoadUsersAsync(Users);
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }

    /// <summary>Bound as the account that may read.</summary>
    public async Task<LdapConnection> OpenAsync()
    {
        var connection = await Tls.ConnectAsync();
        await connection.BindAsync(OpenLdapServer.ServiceDn, OpenLdapServer.ServicePassword, Refusal.None);
        return connection;
    }
}
