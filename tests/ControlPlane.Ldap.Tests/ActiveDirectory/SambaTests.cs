using ControlPlane.TestKit.Directories;

namespace ControlPlane.Ldap.Tests.ActiveDirectory;

public sealed class SambaTests(SambaFixture directory) : IClassFixture<SambaFixture>
{
    [Theory]
    [InlineData("alice@ad.test.local")]
    [InlineData("ADTEST\\alice")]
    [InlineData("CN=alice,CN=Users,DC=ad,DC=test,DC=local")]
    public async Task A_person_binds_by_each_form_of_the_name(string name)
    {
        await using var connection = await directory.Tls.ConnectAsync();

        await connection.BindAsync(name, SambaDomain.AlicePassword, Refusal.None);

        connection.BoundName.ShouldBe(name);
    }

    [Fact]
    public async Task StartTls_works_on_the_plain_port()
    {
        await using var connection = await (directory.Tls with { Security = LdapSecurity.StartTls }).ConnectAsync();

        await connection.BindAsync("alice@ad.test.local", SambaDomain.AlicePassword, Refusal.None);

        connection.IsEncrypted.ShouldBeTrue();
    }

    [Theory]
    [InlineData("alice@ad.test.local", "wrong", AdLogonFailure.WrongPassword)]
    [InlineData("gone@ad.test.local", SambaDomain.GonePassword, AdLogonFailure.Disabled)]
    [InlineData("late@ad.test.local", SambaDomain.LatePassword, AdLogonFailure.AccountExpired)]
    [InlineData("fresh@ad.test.local", SambaDomain.FreshPassword, AdLogonFailure.MustChangePassword)]
    public async Task The_reason_of_a_refusal_is_decoded_for_the_log(string name, string password, AdLogonFailure reason)
    {
        await using var connection = await directory.Tls.ConnectAsync();

        var failure = await connection.BindAsync(name, password, Refusal.None).ShouldFailAsync(LdapErrorKind.InvalidCredentials);

        failure.AdFailure.ShouldBe(reason, failure.Diagnostic);
        failure.ResultCode.ShouldBe(49);
        failure.Message.ShouldNotContain("data ");
    }

    [Theory]
    [InlineData("nobody@ad.test.local")]
    [InlineData("alice")]
    public async Task An_unknown_name_is_refused(string name)
    {
        await using var connection = await directory.Tls.ConnectAsync();

        await connection.BindAsync(name, SambaDomain.AlicePassword, Refusal.None).ShouldFailAsync(LdapErrorKind.InvalidCredentials);
    }

    [Fact]
    public async Task Without_tls_the_server_refuses_a_password_that_we_are_allowed_to_send()
    {
        await using var connection = await (directory.Tls with { Security = LdapSecurity.None, AllowPlainPasswords = true }).ConnectAsync();

        (await connection.BindAsync("alice@ad.test.local", SambaDomain.AlicePassword, Refusal.None)
            .ShouldFailAsync(LdapErrorKind.StrongerAuthenticationRequired)).ResultCode.ShouldBe(8);
    }

    [Fact]
    public async Task A_certificate_of_another_authority_is_refused()
    {
        using var stranger = new TestAuthority("Stranger");

        await (directory.Tls with { TrustedCertificates = stranger.Trusted }).ConnectAsync().ShouldFailAsync(LdapErrorKind.CertificateUntrusted);
    }

    [Fact]
    public async Task Members_through_groups_in_between_are_found_in_chain()
    {
        await using var connection = await directory.OpenAsync();

        var members = await connection.FindAsync(Users(LdapFilter.MatchesInChain("memberOf", SambaDomain.Dn("ucp-l3"))));
        var groups = await connection.FindAsync(Everything(LdapFilter.MatchesInChain("member", SambaDomain.Dn("alice"))));

        members.ShouldHaveSingleItem().First("sAMAccountName").ShouldBe("alice");
        groups.Select(group => group.First("sAMAccountName")).Order(StringComparer.Ordinal).ShouldBe(["ucp-l1", "ucp-l2", "ucp-l3"]);
    }

    [Fact]
    public async Task The_domains_root_gives_references_which_are_skipped()
    {
        await using var connection = await directory.OpenAsync();
        var statistics = new LdapSearchStatistics();

        var found = await connection.FindAsync(Users(LdapFilter.Equal("sAMAccountName", "alice")) with { Statistics = statistics });

        found.ShouldHaveSingleItem();
        statistics.References.ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task Domain_scope_gives_none()
    {
        await using var connection = await directory.OpenAsync();
        var statistics = new LdapSearchStatistics();

        var found = await connection.FindAsync(Users(LdapFilter.Equal("sAMAccountName", "alice")) with { Statistics = statistics, DomainScope = true });

        found.ShouldHaveSingleItem();
        statistics.References.ShouldBe(0);
    }

    [Fact]
    public async Task The_global_catalog_gives_none_either()
    {
        await using var connection = await (directory.Tls with { Port = 3269 }).ConnectAsync();
        await connection.BindAsync(SambaDomain.Administrator, SambaDomain.AdministratorPassword, Refusal.None);
        var statistics = new LdapSearchStatistics();

        (await connection.FindAsync(Users(LdapFilter.Equal("sAMAccountName", "alice")) with { Statistics = statistics })).ShouldHaveSingleItem();

        statistics.References.ShouldBe(0);
    }

    [Fact]
    public async Task An_object_is_found_again_by_its_guid()
    {
        await using var connection = await directory.OpenAsync();
        var alice = (await connection.FindAsync(Users(LdapFilter.Equal("sAMAccountName", "alice")))).ShouldHaveSingleItem();

        var guid = alice.Guid("objectGUID").ShouldNotBeNull();

        (await connection.FindAsync(Everything(LdapFilter.Equal("objectGUID", guid)))).ShouldHaveSingleItem().Dn.ShouldBe(alice.Dn);
        alice.Guid("sAMAccountName").ShouldBeNull();
    }

    [Fact]
    public async Task Pages_are_read_to_the_end()
    {
        await using var connection = await directory.OpenAsync();
        var statistics = new LdapSearchStatistics();

        var found = await connection.FindAsync(Users(LdapFilter.StartsWith("sAMAccountName", "u")) with { PageSize = 9, Statistics = statistics });

        found.Count.ShouldBe(SambaDomain.CrowdSize);
        statistics.Pages.ShouldBeGreaterThan(4);
    }

    [Fact]
    public async Task A_range_that_was_asked_for_is_left_as_it_comes()
    {
        await using var connection = await directory.OpenAsync();

        var crowd = (await connection.FindAsync(Everything(LdapFilter.Equal("sAMAccountName", "crowd")) with { Attributes = ["member;range=0-9"] })).ShouldHaveSingleItem();

        crowd.All("member;range=0-9").Count.ShouldBe(10);
    }

    [Fact]
    public async Task A_group_is_read_with_all_its_members()
    {
        await using var connection = await directory.OpenAsync();

        var crowd = (await connection.FindAsync(Everything(LdapFilter.Equal("sAMAccountName", "crowd")))).ShouldHaveSingleItem();

        crowd.All("member").Count.ShouldBe(SambaDomain.CrowdSize);
    }

    [Fact]
    public async Task The_root_entry_is_read_without_a_bind()
    {
        await using var connection = await directory.Tls.ConnectAsync();

        var root = (await connection.FindAsync(new LdapSearch { BaseDn = "", Scope = LdapScope.Base, PageSize = 0 })).ShouldHaveSingleItem();

        DistinguishedName.Parse(root.First("defaultNamingContext")!).ShouldBe(DistinguishedName.Parse(SambaDomain.BaseDn));
    }

    [Fact]
    public async Task A_frozen_domain_controller_ends_a_bind_at_the_deadline()
    {
        await using var own = await SambaDomain.StartAsync();
        await using var connection = await (directory.Tls with { Host = own.Host, TrustedCertificates = own.Authority, OperationTimeout = TimeSpan.FromMilliseconds(500) }).ConnectAsync();
        own.Freeze();

        await ((Func<Task>)(() => connection.BindAsync("alice@ad.test.local", SambaDomain.AlicePassword, Refusal.None))).ShouldTimeOutAsync(TimeSpan.FromMilliseconds(500));
    }

    private static LdapSearch Everything(LdapFilter filter) => new() { BaseDn = SambaDomain.BaseDn, Filter = filter };

    private static LdapSearch Users(LdapFilter filter) => Everything(LdapFilter.And(LdapFilter.Equal("objectClass", "user"), filter));
}
