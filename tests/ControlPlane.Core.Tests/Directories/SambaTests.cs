using ControlPlane.Core.Access.Administration;
using ControlPlane.Core.Directories.Settings;
using ControlPlane.Core.Directories.Testing;
using ControlPlane.Core.Results;
using ControlPlane.Core.Tests.Containers;
using ControlPlane.TestKit.Directories;

namespace ControlPlane.Core.Tests.Directories;

/// <summary>Against a real Active Directory.</summary>
public sealed class SambaTests(SambaFixture fixture) : IClassFixture<SambaFixture>
{
    private readonly SambaDomain _domain = fixture.Domain;

    [Theory]
    [InlineData("alice")]
    [InlineData("ALICE@ad.test.local")]
    [InlineData("alice@example.test")]
    public async Task People_sign_in_by_account_name_principal_name_and_mail(string name)
    {
        using var world = await WorldAsync(NestedGroups.AdChain);

        var person = (await world.SignInAsync(name, SambaDomain.AlicePassword)).Value;

        person.Name.ShouldBe("alice");
        Guid.TryParseExact(person.Subject, "D", out _).ShouldBeTrue();
        person.DistinguishedName.ShouldBe(SambaDomain.Dn("alice"), StringCompareShould.IgnoreCase);
    }

    [Theory]
    [InlineData(NestedGroups.Off, "team-l1")]
    [InlineData(NestedGroups.AdChain, "team-l1 team-l3")]
    [InlineData(NestedGroups.Walk, "team-l1 team-l3")]
    public async Task Nested_groups_make_members_both_ways_at_sign_in_and_in_a_synchronisation(NestedGroups nested, string teams)
    {
        using var world = await WorldAsync(nested);
        await world.TeamAsync("l1", new TeamDirectoryRule { GroupDn = SambaDomain.Dn("ucp-l1") });
        await world.TeamAsync("l3", new TeamDirectoryRule { GroupDn = SambaDomain.Dn("ucp-l3") });
        await world.TeamAsync("crowd", new TeamDirectoryRule { GroupDn = SambaDomain.Dn("crowd") });

        var person = (await world.SignInAsync("alice", SambaDomain.AlicePassword)).Value;
        var run = await world.SyncAsync();

        person.TeamIds.Order().ShouldBe(teams.Split(' '));
        run.State.ShouldBe("ok", run.Log);
        (await world.MembersAsync("l1")).ShouldBe(["alice"]);
        (await world.MembersAsync("l3")).ShouldBe(nested == NestedGroups.Off ? [] : ["alice"]);
        (await world.MembersAsync("crowd")).Count.ShouldBe(SambaDomain.CrowdSize);
    }

    [Theory]
    [InlineData("gone", SambaDomain.GonePassword, "533")]
    [InlineData("late", SambaDomain.LatePassword, "701")]
    [InlineData("fresh", SambaDomain.FreshPassword, "773")]
    [InlineData("alice", "wr0ng-pw", "52e")]
    public async Task Why_somebody_is_refused_is_in_the_log_and_nowhere_else(string name, string password, string code)
    {
        using var world = await WorldAsync(NestedGroups.Off);

        var error = (await world.SignInAsync(name, password)).Error.ShouldBeOfType<UnauthenticatedError>();

        error.Message.ShouldBe("The name or the password is wrong.");
        world.Log.ShouldContain($"({code})");
        world.Log.ShouldNotContain(password);
    }

    [Fact]
    public async Task Disabled_and_expired_people_get_no_account_by_a_synchronisation()
    {
        using var world = await WorldAsync(NestedGroups.Off);

        await world.SyncAsync();

        var active = await world.ActiveAsync();
        active.ShouldContain("bob");
        active.ShouldNotContain("gone");
        active.ShouldNotContain("late");
    }

    [Fact]
    public async Task The_test_panel_shows_the_whole_way_with_certificate_groups_and_teams()
    {
        using var world = await WorldAsync(NestedGroups.AdChain);
        await world.TeamAsync("l3", new TeamDirectoryRule { GroupDn = SambaDomain.Dn("ucp-l3") });

        var report = (await world.Test.RunAsync(
            ContainerWorld.Admin, new DirectoryTestRequest { UserName = "alice", Password = SambaDomain.AlicePassword }, default)).Value;

        report.Passed.ShouldBeTrue(string.Join('\n', report.Steps));
        report.Steps.Select(step => step.Name).ShouldBe(["connect", "tls", "readerBind", "search", "attributes", "userBind", "groups", "account", "teams", "administrator"]);
        report.Teams.ShouldBe(["l3"]);
        report.Steps.Single(step => step.Name == "tls").Details.ShouldContain(detail => detail.StartsWith("issuer CN=Test CA"));
        report.Steps.Single(step => step.Name == "groups").Details.Order().Select(detail => detail[..detail.IndexOf(',', StringComparison.Ordinal)])
            .ShouldBe(["direct CN=ucp-l1", "nested CN=ucp-l2", "nested CN=ucp-l3"]);
    }

    private async Task<DirectoryWorld> WorldAsync(NestedGroups nested)
    {
        var world = await DirectoryWorld.CreateAsync();
        await world.PutAsync(new DirectorySettings
        {
            Enabled = true,
            Servers =
            [
                new DirectoryServer
                {
                    Url = $"ldap://{_domain.Host}", StartTls = true, RootCertificates = _domain.Authority.ExportCertificatePems(),
                    ReaderDn = SambaDomain.Administrator, ReaderPassword = SambaDomain.AdministratorPassword,
                },
            ],

            // From the root of the domain, where every answer holds references.
            Searches =
            [
                new UserSearch
                {
                    BaseDn = SambaDomain.BaseDn, ScopeSubtree = true, UserNameAttribute = "sAMAccountName", Filter = "(&(objectCategory=person)(objectClass=user))",
                },
            ],
            SignInAttributes = ["sAMAccountName", "userPrincipalName", "mail"],
            NestedGroups = nested,
        });
        return world;
    }
}

/// <summary>One domain for a class.</summary>
public sealed class SambaFixture : IAsyncLifetime
{
    public SambaDomain Domain { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Domain = await SambaDomain.StartAsync();

    public ValueTask DisposeAsync() => Domain.DisposeAsync();
}
