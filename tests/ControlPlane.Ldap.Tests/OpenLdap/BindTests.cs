using System.Text;
using ControlPlane.TestKit.Directories;

namespace ControlPlane.Ldap.Tests.OpenLdap;

[Collection(nameof(OpenLdapCollection))]
public sealed class BindTests(OpenLdapFixture directory)
{
    [Fact]
    public async Task A_wrong_password_is_refused_and_the_connection_goes_on()
    {
        await using var connection = await directory.Tls.ConnectAsync();

        var failure = await connection.BindAsync(OpenLdapServer.Person("alice"), "wrong", Refusal.None).ShouldFailAsync(LdapErrorKind.InvalidCredentials);

        failure.ResultCode.ShouldBe(49);
        failure.AdFailure.ShouldBeNull();
        connection.IsUsable.ShouldBeTrue();
        await connection.BindAsync(OpenLdapServer.Person("alice"), OpenLdapServer.UserPassword, Refusal.None);
    }

    [Fact]
    public async Task An_unknown_name_looks_like_a_wrong_password()
    {
        await using var connection = await directory.Tls.ConnectAsync();

        await connection.BindAsync(OpenLdapServer.Person("nobody"), "wrong", Refusal.None).ShouldFailAsync(LdapErrorKind.InvalidCredentials);
    }

    [Fact]
    public async Task After_a_refusal_nobody_is_bound()
    {
        await using var connection = await directory.OpenAsync();

        await connection.BindAsync(OpenLdapServer.Person("alice"), "wrong", Refusal.None).ShouldFailAsync(LdapErrorKind.InvalidCredentials);

        connection.BoundName.ShouldBeNull();
        await connection.FindAsync(People("(uid=alice)")).ShouldFailAsync(LdapErrorKind.NoSuchObject);
    }

    [Theory]
    [InlineData("")]
    [InlineData("  ")]
    [InlineData("\t\n")]
    [InlineData("\0")]
    [InlineData("pw-u\0")]
    public async Task Empty_and_blank_passwords_are_not_even_sent(string password)
    {
        await using var server = await OpenLdapServer.StartAsync();
        await server.ConfigureAsync(new Ldif().Add("cn=config", "olcAllows", "bind_anon_cred", "bind_anon_dn"));
        await using var connection = await (directory.Tls with { Port = server.TlsPort, TrustedCertificates = server.Authority }).ConnectAsync();

        await connection.BindAsync(OpenLdapServer.Person("alice"), password, Refusal.None).ShouldFailAsync(LdapErrorKind.EmptyPassword);

        connection.BoundName.ShouldBeNull();
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    public async Task A_password_without_a_name_is_not_sent(string name)
    {
        await using var connection = await directory.Tls.ConnectAsync();

        await connection.BindAsync(name, "secret", Refusal.None).ShouldFailAsync(LdapErrorKind.EmptyName);
    }

    [Fact]
    public async Task Nobody_can_be_bound_on_purpose()
    {
        await using var connection = await directory.OpenAsync();

        await connection.BindAnonymouslyAsync(Refusal.None);

        connection.BoundName.ShouldBe("");
        await connection.FindAsync(People("(uid=alice)")).ShouldFailAsync(LdapErrorKind.NoSuchObject);
    }

    [Fact]
    public async Task What_is_no_distinguished_name_is_the_servers_to_refuse()
    {
        await using var connection = await directory.Tls.ConnectAsync();

        (await connection.BindAsync("alice", "secret", Refusal.None).ShouldFailAsync(LdapErrorKind.ServerError)).ResultCode.ShouldBe(34);
    }

    [Fact]
    public async Task Awkward_names_bind()
    {
        foreach (var name in (string[])["o\\2aneil", "weird\\5cback", "d\\,ave", "jürg"])
        {
            await using var connection = await directory.Tls.ConnectAsync();

            await connection.BindAsync(OpenLdapServer.Person(name), OpenLdapServer.UserPassword, Refusal.None);

            connection.BoundName.ShouldBe(OpenLdapServer.Person(name));
        }
    }

    [Fact]
    public async Task An_extended_operation_tells_who_is_bound()
    {
        await using var connection = await directory.Tls.ConnectAsync();
        await connection.BindAsync(OpenLdapServer.Person("bob"), OpenLdapServer.UserPassword, Refusal.None);

        var answer = await connection.ExtendedAsync("1.3.6.1.4.1.4203.1.11.3", null, Refusal.None);

        Encoding.UTF8.GetString(answer.Value!).ShouldBe("dn:" + OpenLdapServer.Person("bob"));
    }

    [Fact]
    public async Task An_extended_operation_the_server_does_not_know_is_an_error()
    {
        await using var connection = await directory.OpenAsync();

        (await connection.ExtendedAsync("1.2.3.4", [1, 2], Refusal.None).ShouldFailAsync(LdapErrorKind.ProtocolError)).ResultCode.ShouldBe(2);

        connection.IsUsable.ShouldBeTrue();
        await Should.ThrowAsync<ArgumentException>(() => connection.ExtendedAsync("1.3.6.1.4.1.1466.20037", null, Refusal.None));
    }

    [Fact]
    public async Task A_hundred_logins_at_once_all_get_their_own_answer()
    {
        var logins = Enumerable.Range(0, 100).Select(async i =>
        {
            await using var connection = await (directory.StartTls with { ConnectTimeout = TimeSpan.FromSeconds(60), OperationTimeout = TimeSpan.FromSeconds(60) }).ConnectAsync();
            var bind = connection.BindAsync(OpenLdapServer.Person($"user{i:D5}"), i % 2 == 0 ? OpenLdapServer.UserPassword : "wrong", Refusal.None);
            if (i % 2 == 0)
            {
                await bind;
            }
            else
            {
                await bind.ShouldFailAsync(LdapErrorKind.InvalidCredentials);
            }
        });

        await Task.WhenAll(logins);
    }

    private static LdapSearch People(string filter) => new() { BaseDn = OpenLdapServer.PeopleDn, Filter = LdapFilter.Parse(filter) };
}
