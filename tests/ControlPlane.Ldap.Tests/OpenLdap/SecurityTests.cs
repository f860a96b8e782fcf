using ControlPlane.TestKit.Directories;

namespace ControlPlane.Ldap.Tests.OpenLdap;

[Collection(nameof(OpenLdapCollection))]
public sealed class SecurityTests(OpenLdapFixture directory)
{
    [Theory]
    [InlineData(LdapSecurity.Tls)]
    [InlineData(LdapSecurity.StartTls)]
    public async Task A_connection_with_the_right_authority_is_encrypted_and_binds(LdapSecurity security)
    {
        await using var connection = await Settings(security).ConnectAsync();

        connection.IsEncrypted.ShouldBeTrue();
        connection.BoundName.ShouldBeNull();
        await connection.BindAsync(OpenLdapServer.Person("alice"), OpenLdapServer.UserPassword, Refusal.None);
        connection.BoundName.ShouldBe(OpenLdapServer.Person("alice"));
    }

    [Theory]
    [InlineData(LdapSecurity.Tls)]
    [InlineData(LdapSecurity.StartTls)]
    public async Task A_certificate_of_another_authority_is_refused(LdapSecurity security)
    {
        using var stranger = new TestAuthority("Stranger");

        var failure = await (Settings(security) with { TrustedCertificates = stranger.Trusted }).ConnectAsync().ShouldFailAsync(LdapErrorKind.CertificateUntrusted);

        failure.Message.ShouldContain("127.0.0.1");
    }

    [Fact]
    public async Task The_system_does_not_trust_a_private_authority() =>
        await (directory.Tls with { TrustedCertificates = null }).ConnectAsync().ShouldFailAsync(LdapErrorKind.CertificateUntrusted);

    [Fact]
    public async Task Trust_in_nobody_trusts_nobody() =>
        await (directory.Tls with { TrustedCertificates = [] }).ConnectAsync().ShouldFailAsync(LdapErrorKind.CertificateUntrusted);

    [Fact]
    public async Task The_right_authority_after_a_wrong_one_is_judged_anew()
    {
        using var stranger = new TestAuthority("Stranger");
        await (await directory.Tls.ConnectAsync()).DisposeAsync();

        await (directory.Tls with { TrustedCertificates = stranger.Trusted }).ConnectAsync().ShouldFailAsync(LdapErrorKind.CertificateUntrusted);

        await (await directory.Tls.ConnectAsync()).DisposeAsync();
    }

    [Fact]
    public async Task A_host_name_in_the_certificate_is_accepted_too() =>
        await (await (directory.Tls with { Host = "localhost" }).ConnectAsync()).DisposeAsync();

    [Theory]
    [InlineData(LdapSecurity.Tls)]
    [InlineData(LdapSecurity.StartTls)]
    public async Task A_certificate_for_another_host_is_refused(LdapSecurity security)
    {
        await using var other = await OpenLdapServer.StartAsync("ldap.example.test");
        var settings = Settings(security) with { Port = security == LdapSecurity.Tls ? other.TlsPort : other.Port, TrustedCertificates = other.Authority };

        await settings.ConnectAsync().ShouldFailAsync(LdapErrorKind.CertificateNameMismatch);
    }

    [Fact]
    public async Task A_check_that_is_switched_off_accepts_any_certificate()
    {
        using var stranger = new TestAuthority("Stranger");

        await using var connection = await (directory.Tls with { TrustedCertificates = stranger.Trusted, SkipCertificateCheck = true }).ConnectAsync();

        connection.IsEncrypted.ShouldBeTrue();
    }

    [Fact]
    public async Task A_plain_port_is_no_tls_port() =>
        await (directory.Tls with { Port = directory.Server.Port }).ConnectAsync().ShouldFailAsync(LdapErrorKind.TlsFailed);

    [Fact]
    public async Task A_closed_port_refuses() =>
        await (directory.Tls with { Port = 1 }).ConnectAsync().ShouldFailAsync(LdapErrorKind.Refused);

    [Fact]
    public async Task An_unknown_host_is_told_as_such() =>
        await (directory.Tls with { Host = "no-such-host.invalid" }).ConnectAsync().ShouldFailAsync(LdapErrorKind.NameNotResolved);

    [Fact]
    public async Task A_password_is_not_sent_in_the_clear()
    {
        await using var connection = await Settings(LdapSecurity.None).ConnectAsync();

        await connection.BindAsync(OpenLdapServer.Person("alice"), OpenLdapServer.UserPassword, Refusal.None).ShouldFailAsync(LdapErrorKind.PlainPasswordRefused);

        connection.IsEncrypted.ShouldBeFalse();
        connection.IsUsable.ShouldBeTrue();
    }

    [Fact]
    public async Task A_password_is_sent_in_the_clear_when_an_administrator_says_so()
    {
        await using var connection = await (Settings(LdapSecurity.None) with { AllowPlainPasswords = true }).ConnectAsync();

        await connection.BindAsync(OpenLdapServer.Person("alice"), OpenLdapServer.UserPassword, Refusal.None);

        connection.BoundName.ShouldBe(OpenLdapServer.Person("alice"));
    }

    [Fact]
    public async Task A_server_that_wants_tls_says_so()
    {
        await using var server = await OpenLdapServer.StartAsync();
        await server.ConfigureAsync(new Ldif().Add("cn=config", "olcSecurity", "simple_bind=128"));
        await using var connection = await (Settings(LdapSecurity.None) with { Port = server.Port, AllowPlainPasswords = true }).ConnectAsync();

        var failure = await connection.BindAsync(OpenLdapServer.Person("alice"), OpenLdapServer.UserPassword, Refusal.None)
            .ShouldFailAsync(LdapErrorKind.StrongerAuthenticationRequired);

        failure.ResultCode.ShouldBe(13);
    }

    [Fact]
    public async Task The_seam_opens_the_same_connection()
    {
        await using var session = await new LdapDirectory(TimeProvider.System).OpenAsync(directory.Tls, Refusal.None);

        await session.BindAsync(OpenLdapServer.ServiceDn, OpenLdapServer.ServicePassword, Refusal.None);
        session.IsUsable.ShouldBeTrue();
    }

    private LdapServer Settings(LdapSecurity security) => directory.Tls with
    {
        Security = security,
        Port = security == LdapSecurity.Tls ? directory.Server.TlsPort : directory.Server.Port,
    };
}
