using ControlPlane.TestKit.Directories;

namespace ControlPlane.Ldap.Tests.ActiveDirectory;

/// <summary>One domain for all tests that leave it as it is.</summary>
public sealed class SambaFixture : IAsyncLifetime
{
    private SambaDomain? _domain;

    public SambaDomain Domain => _domain ?? throw new InvalidOperationException("Not started.");

    public LdapServer Tls => new()
    {
        Host = Domain.Host,
        TrustedCertificates = Domain.Authority,
        ConnectTimeout = TimeSpan.FromSeconds(20),
        OperationTimeout = TimeSpan.FromSeconds(20),
    };

    public async ValueTask InitializeAsync() => _domain = await SambaDomain.StartAsync();

    public async ValueTask DisposeAsync()
    {
        if (_domain is not null)
        {
            await _domain.DisposeAsync();
        }
    }

    public async Task<LdapConnection> OpenAsync()
    {
        var connection = await Tls.ConnectAsync();
        await connection.BindAsync(SambaDomain.Administrator, SambaDomain.AdministratorPassword, Refusal.None);
        return connection;
    }
}
