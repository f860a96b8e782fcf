using System.Diagnostics;
using ControlPlane.Core.Access.Administration;
using ControlPlane.Core.Data;
using ControlPlane.Core.Directories.Settings;
using ControlPlane.Core.Results;
using ControlPlane.TestKit.Directories;

namespace ControlPlane.Core.Tests.Directories;

/// <summary>Sign-in against a real slapd that no test changes.</summary>
public sealed class OpenLdapSignInTests(OpenLdapFixture fixture) : IClassFixture<OpenLdapFixture>
{
    private readonly OpenLdapServer _server = fixture.Server;

    [Theory]
    [InlineData("alice")]
    [InlineData("ALICE")]
    [InlineData("alice@example.test")]
    public async Task People_sign_in_by_uid_and_by_mail(string name)
    {
        using var world = await DirectoryWorld.CreateAsync(_server);

        var person = (await world.SignInAsync(name)).Value;

        person.Issuer.ShouldBe("ldap");
        Guid.TryParse(person.Subject, out _).ShouldBeTrue();
        (person.Name, person.FullName, person.Email).ShouldBe(("alice", "Alice Archer", "alice@example.test"));
        person.DistinguishedName.ShouldBe(OpenLdapServer.Person("alice"));
        person.IsAdministrator.ShouldBeNull();
    }

    [Theory]
    [InlineData(NestedGroups.Off, "alice", "ops")]
    [InlineData(NestedGroups.Walk, "alice", "all devs ops")]
    [InlineData(NestedGroups.Off, "bob", "devs")]
    [InlineData(NestedGroups.Walk, "bob", "all devs")]
    [InlineData(NestedGroups.Off, "carol", "ring-a search")]
    [InlineData(NestedGroups.Walk, "carol", "ring-a ring-b search")]
    public async Task Teams_follow_groups_and_searches_through_circles_too(NestedGroups nested, string name, string teams)
    {
        using var world = await DirectoryWorld.CreateAsync(_server, settings => settings with { NestedGroups = nested });
        foreach (var group in new[] { "ops", "devs", "ring-a", "ring-b" })
        {
            await world.TeamAsync(group, DirectoryWorld.Group(group));
        }

        await world.TeamAsync("all", DirectoryWorld.Group("all (nested)"));
        await world.TeamAsync("search", new TeamDirectoryRule { BaseDn = OpenLdapServer.BaseDn, Subtree = true, Filter = "(cn=Carol*)" });
        await world.TeamAsync("not-below", new TeamDirectoryRule { BaseDn = OpenLdapServer.BaseDn, Filter = "(objectClass=*)" });
        await world.TeamAsync("manual", null);

        var person = (await world.SignInAsync(name)).Value;

        person.TeamIds.Order().ShouldBe(teams.Split(' ').Select(team => "team-" + team));
    }

    [Theory]
    [InlineData("alice", "wrong")]
    [InlineData("str4nger", OpenLdapServer.UserPassword)]
    [InlineData("*", OpenLdapServer.UserPassword)]
    [InlineData("al*", OpenLdapServer.UserPassword)]
    [InlineData("alice)(uid=*", OpenLdapServer.UserPassword)]
    [InlineData("alice))(|(uid=*", OpenLdapServer.UserPassword)]
    [InlineData("alice\\2a", OpenLdapServer.UserPassword)]
    [InlineData("uid=alice,ou=people,dc=example,dc=test", OpenLdapServer.UserPassword)]
    [InlineData("älice", OpenLdapServer.UserPassword)]
    [InlineData("\ud800", OpenLdapServer.UserPassword)]
    [InlineData("svc", OpenLdapServer.ServicePassword)]
    public async Task All_that_is_wrong_is_refused_by_the_same_words(string name, string password)
    {
        using var world = await DirectoryWorld.CreateAsync(_server);

        var error = (await world.SignInAsync(name, password)).Error.ShouldBeOfType<UnauthenticatedError>();

        (error.Code, error.Message).ShouldBe(("auth.invalid", "The name or the password is wrong."));
        world.Log.ShouldNotContain(name == "alice" ? password : name);
    }

    [Theory]
    [InlineData("o*neil")]
    [InlineData("weird\\back")]
    [InlineData("d,ave")]
    [InlineData("jürg")]
    public async Task Awkward_names_find_exactly_their_own_but_no_account_can_have_them(string name)
    {
        using var world = await DirectoryWorld.CreateAsync(_server);

        (await world.SignInAsync(name)).Error.ShouldBeOfType<ForbiddenError>().Code.ShouldBe("auth.no_access");
        (await world.SignInAsync(name, "wrong")).Error.ShouldBeOfType<UnauthenticatedError>();
    }

    [Fact]
    public async Task An_attribute_that_several_have_in_common_signs_nobody_in()
    {
        using var world = await DirectoryWorld.CreateAsync(_server, settings => settings with { SignInAttributes = ["uid", "sn"] });

        (await world.SignInAsync("X")).Error.ShouldBeOfType<UnauthenticatedError>();

        world.Log.ShouldContain("belongs to several");
    }

    [Fact]
    public async Task References_in_results_are_skipped_and_never_followed()
    {
        using var world = await DirectoryWorld.CreateAsync(_server, settings => settings with
        {
            Searches = [new UserSearch { BaseDn = OpenLdapServer.BaseDn, ScopeSubtree = true }],
        });

        (await world.SignInAsync("alice")).Value.Name.ShouldBe("alice");
        (await world.SyncAsync()).State.ShouldBe("ok");
        _server.ReferralWasFollowed.ShouldBeFalse();
    }

    [Fact]
    public async Task StartTls_works_as_well()
    {
        using var world = await DirectoryWorld.CreateAsync(_server, settings => settings with
        {
            Servers = [settings.Servers[0] with { Url = $"ldap://{_server.Host}:{_server.Port}", StartTls = true }],
        });

        (await world.SignInAsync("alice")).IsSuccess.ShouldBeTrue();
    }

    [Fact]
    public async Task A_foreign_authority_and_another_host_name_are_refused_with_the_cause_in_the_log_only()
    {
        using var other = new TestAuthority();
        using var foreign = await DirectoryWorld.CreateAsync(_server, settings => settings with
        {
            Servers = [settings.Servers[0] with { RootCertificates = other.Pem }],
        });
        using var misnamed = await DirectoryWorld.CreateAsync(_server, settings => settings with
        {
            Servers = [settings.Servers[0] with { Url = $"ldaps://127.0.0.2:{_server.TlsPort}" }, settings.Servers[0] with { Url = $"ldaps://ip6-localhost:{_server.TlsPort}" }],
        });

        (await foreign.SignInAsync("alice")).Error.ShouldBeOfType<UnavailableError>().Message.ShouldNotContain("certificate");
        foreign.Log.ShouldContain("is not trusted");
        (await misnamed.SignInAsync("alice")).Error.ShouldBeOfType<UnavailableError>();
        (await foreign.SyncAsync()).State.ShouldBe("failed");
    }

    [Fact]
    public async Task Without_provisioning_only_who_was_synchronised_may_sign_in()
    {
        using var world = await DirectoryWorld.CreateAsync(_server, settings => settings with { JustInTimeProvisioning = false });
        (await world.SignInAsync("alice")).Error.ShouldBeOfType<ForbiddenError>().Code.ShouldBe("auth.no_access");
        (await world.SignInAsync("alice", "wrong")).Error.ShouldBeOfType<UnauthenticatedError>();

        await world.SyncAsync();

        (await world.SignInAsync("alice")).IsSuccess.ShouldBeTrue();
    }

    [Fact]
    public async Task Only_members_of_the_group_are_users_when_the_search_asks_for_it()
    {
        using var world = await DirectoryWorld.CreateAsync(_server, settings => settings with
        {
            Searches = [settings.Searches[0] with { MatchGroup = true, GroupDn = OpenLdapServer.Group("devs") }],
        });

        (await world.SignInAsync("alice")).IsSuccess.ShouldBeTrue();
        (await world.SignInAsync("carol")).Error.ShouldBeOfType<UnauthenticatedError>();
    }

    [Fact]
    public async Task The_rule_for_administrators_decides_by_group_and_by_search()
    {
        using var byGroup = await DirectoryWorld.CreateAsync(_server, settings => settings with { Administrators = DirectoryWorld.Group("devs") });
        using var bySearch = await DirectoryWorld.CreateAsync(_server, settings => settings with
        {
            Administrators = new TeamDirectoryRule { BaseDn = OpenLdapServer.PeopleDn, Filter = "(uid=carol)" },
        });

        (await byGroup.SignInAsync("alice")).Value.IsAdministrator.ShouldBe(true);
        (await byGroup.SignInAsync("carol")).Value.IsAdministrator.ShouldBe(false);
        (await bySearch.SignInAsync("carol")).Value.IsAdministrator.ShouldBe(true);
        (await bySearch.SignInAsync("alice")).Value.IsAdministrator.ShouldBe(false);
    }

    [Fact]
    public async Task A_group_that_is_gone_takes_nobodys_membership_away_at_a_sign_in()
    {
        using var world = await DirectoryWorld.CreateAsync(_server);
        await world.TeamAsync("lost", DirectoryWorld.Group("lost"));
        await world.SyncAsync();
        var alice = await world.UserAsync("alice");
        await using (var db = world.Database.CreateDbContext())
        {
            db.TeamMembers.Add(new TeamMemberEntity { TeamId = "team-lost", UserId = alice.Id, Source = "ldap", AddedAt = alice.CreatedAt });
            await db.SaveChangesAsync();
        }

        (await world.SignInAsync("alice")).Value.TeamIds.ShouldBe(["team-lost"]);
        (await world.SignInAsync("bob")).Value.TeamIds.ShouldBeEmpty();
    }

    [Fact]
    public async Task Fifty_at_a_time_sign_in_well_within_their_deadline()
    {
        using var world = await DirectoryWorld.CreateAsync(_server, settings => settings with { SignInTimeoutSeconds = 30 });
        var watch = Stopwatch.GetTimestamp();

        var results = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => world.SignInAsync("alice")));

        results.ShouldAllBe(result => result.IsSuccess);
        Stopwatch.GetElapsedTime(watch).ShouldBeLessThan(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task No_password_is_ever_written_down()
    {
        const string canary = "c4n4ry-of-a-person";
        using var world = await DirectoryWorld.CreateAsync(_server);
        await world.SignInAsync("alice", canary);
        await world.SignInAsync("alice");
        await world.SignInAsync(canary, "x");
        await world.SyncAsync();
        await world.Test.RunAsync(Containers.ContainerWorld.Admin, new Core.Directories.Testing.DirectoryTestRequest { UserName = "alice", Password = canary }, default);

        var written = await world.EverythingWrittenAsync();

        written.ShouldNotContain(canary);
        written.ShouldNotContain(OpenLdapServer.ServicePassword);
    }
}

/// <summary>One slapd for a class.</summary>
public sealed class OpenLdapFixture : IAsyncLifetime
{
    public OpenLdapServer Server { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Server = await OpenLdapServer.StartAsync();

    public ValueTask DisposeAsync() => Server.DisposeAsync();
}
