using System.Diagnostics;
using ControlPlane.TestKit.Directories;

namespace ControlPlane.Ldap.Tests.OpenLdap;

/// <summary>A server of its own for each test: it is frozen, killed and restarted.</summary>
public sealed class FaultTests : IAsyncLifetime
{
    private static readonly TimeSpan Limit = TimeSpan.FromMilliseconds(500);

    private OpenLdapServer? _server;

    public async ValueTask InitializeAsync() => _server = await OpenLdapServer.StartAsync();

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }

    private OpenLdapServer Server => _server!;

    [Theory]
    [InlineData(LdapSecurity.Tls)]
    [InlineData(LdapSecurity.StartTls)]
    public async Task Connecting_to_a_frozen_server_ends_at_the_deadline(LdapSecurity security)
    {
        Server.Freeze();

        await ((Func<Task>)(() => Settings(security).ConnectAsync())).ShouldTimeOutAsync(Limit);
    }

    [Fact]
    public async Task A_bind_at_a_frozen_server_ends_at_the_deadline_and_breaks_the_connection()
    {
        await using var connection = await Settings(LdapSecurity.Tls).ConnectAsync();
        Server.Freeze();

        await ((Func<Task>)(() => connection.BindAsync(OpenLdapServer.ServiceDn, OpenLdapServer.ServicePassword, Refusal.None))).ShouldTimeOutAsync(Limit);

        connection.IsUsable.ShouldBeFalse();
        Server.Continue();
        await connection.BindAsync(OpenLdapServer.ServiceDn, OpenLdapServer.ServicePassword, Refusal.None).ShouldFailAsync(LdapErrorKind.ConnectionClosed);
    }

    [Fact]
    public async Task A_search_at_a_frozen_server_ends_at_the_deadline_and_disposing_takes_no_second()
    {
        var connection = await OpenAsync();
        Server.Freeze();

        await ((Func<Task>)(() => connection.FindAsync(Everything))).ShouldTimeOutAsync(Limit);

        connection.IsUsable.ShouldBeFalse();
        await ShouldBeQuickAsync(connection);
    }

    [Fact]
    public async Task Disposing_an_idle_connection_to_a_frozen_server_takes_no_second()
    {
        var connection = await OpenAsync();
        Server.Freeze();

        await ShouldBeQuickAsync(connection);
    }

    [Fact]
    public async Task Cancelling_a_search_at_a_frozen_server_ends_it_at_once()
    {
        await using var connection = await OpenAsync(TimeSpan.FromSeconds(60));
        Server.Freeze();
        using var cancel = new CancellationTokenSource();
        var search = connection.SearchAsync(Everything, cancel.Token).ToListAsync();

        await cancel.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => search.WaitAsync(TimeSpan.FromSeconds(5), TimeProvider.System));
        connection.IsUsable.ShouldBeFalse();
        await connection.FindAsync(Everything).ShouldFailAsync(LdapErrorKind.ConnectionClosed);
    }

    [Fact]
    public async Task A_server_killed_during_a_search_ends_it_and_never_comes_back_by_itself()
    {
        await Server.LoadUsersAsync(400);
        await using var connection = await OpenAsync(TimeSpan.FromSeconds(20));
        var entries = connection.SearchAsync(Everything with { PageSize = 20 }, Refusal.None).GetAsyncEnumerator(Refusal.None);
        (await entries.MoveNextAsync()).ShouldBeTrue();

        await Server.KillAsync();

        await ReadOn(entries).ShouldFailAsync(LdapErrorKind.ConnectionClosed);
        await entries.DisposeAsync();
        connection.IsUsable.ShouldBeFalse();
        await Server.RestartAsync();
        await connection.FindAsync(Everything).ShouldFailAsync(LdapErrorKind.ConnectionClosed);
        await using var fresh = await OpenAsync(TimeSpan.FromSeconds(20));
        (await fresh.FindAsync(Everything)).Count.ShouldBeGreaterThan(400);
    }

    [Fact]
    public async Task A_stopped_server_refuses_and_a_restarted_one_answers()
    {
        await Server.KillAsync();
        await Settings(LdapSecurity.Tls).ConnectAsync().ShouldFailAsync(LdapErrorKind.Refused);

        await Server.RestartAsync();

        await (await OpenAsync()).DisposeAsync();
    }

    [Fact]
    public async Task A_thawed_server_serves_new_connections()
    {
        Server.Freeze();
        await Settings(LdapSecurity.Tls).ConnectAsync().ShouldFailAsync(LdapErrorKind.TimedOut);

        Server.Continue();

        await (await OpenAsync(TimeSpan.FromSeconds(10))).DisposeAsync();
    }

    private static LdapSearch Everything => new() { BaseDn = OpenLdapServer.BaseDn };

    private static async Task ReadOn(IAsyncEnumerator<LdapEntry> entries)
    {
        while (await entries.MoveNextAsync())
        {
            // Until it ends.
        }
    }

    private static async Task ShouldBeQuickAsync(LdapConnection connection)
    {
        var watch = Stopwatch.StartNew();
        await connection.DisposeAsync();
        watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(1));
    }

    private async Task<LdapConnection> OpenAsync(TimeSpan? limit = null)
    {
        var connection = await (Settings(LdapSecurity.Tls) with { ConnectTimeout = TimeSpan.FromSeconds(10), OperationTimeout = limit ?? Limit }).ConnectAsync();
        await connection.BindAsync(OpenLdapServer.ServiceDn, OpenLdapServer.ServicePassword, Refusal.None);
        return connection;
    }

    private LdapServer Settings(LdapSecurity security) => new()
    {
        Host = Server.Host,
        Port = security == LdapSecurity.Tls ? Server.TlsPort : Server.Port,
        Security = security,
        TrustedCertificates = Server.Authority,
        ConnectTimeout = Limit,
        OperationTimeout = Limit,
    };
}
