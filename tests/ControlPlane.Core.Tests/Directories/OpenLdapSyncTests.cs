using ControlPlane.Core.Data;
using ControlPlane.Core.Directories.Settings;
using ControlPlane.TestKit.Databases;
using ControlPlane.TestKit.Directories;
using Microsoft.EntityFrameworkCore;

namespace ControlPlane.Core.Tests.Directories;

/// <summary>Synchronisation with a real slapd that changes between the runs.</summary>
public sealed class OpenLdapSyncTests
{
    [Theory, DatabaseData]
    public async Task The_first_run_makes_accounts_and_members_and_the_second_changes_nothing(DatabaseKind kind)
    {
        await using var server = await OpenLdapServer.StartAsync();
        using var world = await DirectoryWorld.CreateAsync(server, kind: kind);
        await world.TeamAsync("all", DirectoryWorld.Group("all (nested)"));
        await world.TeamAsync("ring", DirectoryWorld.Group("ring-b"));

        var first = await world.SyncAsync();

        first.State.ShouldBe("ok", first.Log);
        (await world.ActiveAsync()).ShouldBe(["alice", "bob", "carol"]);
        (await world.MembersAsync("all")).ShouldBe(["alice", "bob"]);
        (await world.MembersAsync("ring")).ShouldBe(["carol"]);
        world.Access.Current.TeamsOf((await world.UserAsync("alice")).Id).ShouldBe(["team-all"]);
        first.Log.ShouldContain("Skipped");
        var second = await world.SyncAsync();
        second.State.ShouldBe("ok");
        second.Summary.ShouldNotBeNull().ShouldContain("0 new, 0 changed, 0 of them disabled; memberships +0 −0");
        await using var db = world.Database.CreateDbContext();
        (await db.Audit.CountAsync(entry => entry.Action == "users.create")).ShouldBe(3);
        (await db.Audit.CountAsync(entry => entry.Action == "directory.sync")).ShouldBe(2);
        (await db.Users.SingleAsync(user => user.Name == "alice")).PasswordHash.ShouldBeNull();
    }

    [Theory, DatabaseData]
    public async Task Who_vanishes_loses_account_sessions_and_teams_and_who_returns_has_them_again(DatabaseKind kind)
    {
        await using var server = await OpenLdapServer.StartAsync();
        using var world = await DirectoryWorld.CreateAsync(server, kind: kind);
        await world.TeamAsync("all", DirectoryWorld.Group("all (nested)"));
        await world.SyncAsync();
        var bob = await world.UserAsync("bob");
        await SessionAsync(world, bob);
        await server.LoadAsync(new Ldif().Raw($"dn: {OpenLdapServer.Person("bob")}\nchangetype: modify\nreplace: employeeType\nemployeeType: away\n-"));
        var settings = DirectoryWorld.For(server);
        var staff = settings with { Searches = [settings.Searches[0] with { Filter = "(&(objectClass=inetOrgPerson)(!(employeeType=away)))" }] };
        await world.PutAsync(staff);

        var run = await world.SyncAsync();

        run.State.ShouldBe("ok", run.Log);
        var gone = await world.UserAsync("bob");
        gone.DisabledAt.ShouldNotBeNull();
        gone.DisabledBy.ShouldBe("directory");
        (await world.MembersAsync("all")).ShouldBe(["alice"]);
        await using (var db = world.Database.CreateDbContext())
        {
            (await db.Sessions.CountAsync()).ShouldBe(0);
            (await db.Audit.SingleAsync(entry => entry.Action == "users.disable")).Detail.ShouldBe("is not in the directory any more");
        }

        await world.PutAsync(settings);
        await world.SyncAsync();
        (await world.UserAsync("bob")).DisabledAt.ShouldBeNull();
        (await world.UserAsync("bob")).Id.ShouldBe(bob.Id);
        (await world.MembersAsync("all")).ShouldBe(["alice", "bob"]);
    }

    [Fact]
    public async Task Whom_a_person_disabled_stays_disabled()
    {
        await using var server = await OpenLdapServer.StartAsync();
        using var world = await DirectoryWorld.CreateAsync(server);
        await world.SyncAsync();
        await world.ChangeAsync("bob", user => (user.DisabledAt, user.DisabledBy) = (user.CreatedAt, "admin"));

        await world.SyncAsync();

        (await world.UserAsync("bob")).DisabledBy.ShouldBe("admin");
    }

    [Fact]
    public async Task A_renamed_person_keeps_the_account()
    {
        await using var server = await OpenLdapServer.StartAsync();
        using var world = await DirectoryWorld.CreateAsync(server);
        await world.SyncAsync();
        var before = await world.UserAsync("bob");
        await server.LoadAsync(new Ldif().Raw($"dn: {OpenLdapServer.Person("bob")}\nchangetype: modrdn\nnewrdn: uid=robert\ndeleteoldrdn: 1"));

        (await world.SyncAsync()).State.ShouldBe("ok");

        (await world.UserAsync("bob")).Id.ShouldBe(before.Id);
        (await world.ActiveAsync()).ShouldBe(["alice", "bob", "carol"]);
        (await world.SignInAsync("robert")).IsSuccess.ShouldBeTrue();
    }

    [Fact]
    public async Task A_local_account_of_the_same_name_is_never_taken_over()
    {
        await using var server = await OpenLdapServer.StartAsync();
        using var world = await DirectoryWorld.CreateAsync(server);
        var local = await world.LocalAsync("Alice");

        var run = await world.SyncAsync();

        run.Log.ShouldContain("the name alice belongs to another account");
        (await world.UserAsync("alice")).ShouldSatisfyAllConditions(user => user.Id.ShouldBe(local.Id), user => user.Source.ShouldBe("local"));
        await using var db = world.Database.CreateDbContext();
        (await db.ExternalIdentities.CountAsync()).ShouldBe(2);
    }

    [Fact]
    public async Task An_answer_that_finds_nobody_disables_nobody_even_when_confirmed()
    {
        await using var server = await OpenLdapServer.StartAsync();
        using var world = await DirectoryWorld.CreateAsync(server);
        await world.TeamAsync("all", DirectoryWorld.Group("all (nested)"));
        await world.SyncAsync();
        var settings = DirectoryWorld.For(server);
        await world.PutAsync(settings with { Searches = [settings.Searches[0] with { Filter = "(uid=nobody)" }] });

        var run = await world.SyncAsync(force: true);

        run.State.ShouldBe("failed");
        run.Summary.ShouldNotBeNull().ShouldContain("found nobody");
        (await world.ActiveAsync()).Count.ShouldBe(3);
        (await world.MembersAsync("all")).Count.ShouldBe(2);
    }

    [Fact]
    public async Task An_answer_that_the_server_cuts_off_disables_nobody_and_the_run_says_so()
    {
        await using var server = await OpenLdapServer.StartAsync();
        await server.LoadUsersAsync(600);
        using var world = await DirectoryWorld.CreateAsync(server);
        await world.TeamAsync("everyone", DirectoryWorld.Group("everyone"));
        (await world.SyncAsync()).State.ShouldBe("ok");
        var settings = DirectoryWorld.For(server);
        await world.PutAsync(settings with { Servers = [settings.Servers[0] with { NoSimplePagination = true }] });

        var run = await world.SyncAsync(force: true);

        run.State.ShouldBe("partial");
        run.Log.ShouldContain("cut off");
        (await world.ActiveAsync()).Count.ShouldBe(603);
        (await world.MembersAsync("everyone")).Count.ShouldBe(600);
    }

    [Fact]
    public async Task Going_through_the_members_of_a_group_gets_round_the_size_limit()
    {
        await using var server = await OpenLdapServer.StartAsync();
        await server.LoadUsersAsync(600);
        using var world = await DirectoryWorld.CreateAsync(server, settings => settings with
        {
            Servers = [settings.Servers[0] with { NoSimplePagination = true }],
            Searches = [settings.Searches[0] with { MatchGroup = true, GroupDn = OpenLdapServer.Group("everyone"), IterateMembers = true }],
        });

        (await world.SyncAsync()).State.ShouldBe("ok");

        (await world.ActiveAsync()).Count.ShouldBe(600);
    }

    [Fact]
    public async Task A_group_that_loses_most_members_or_vanishes_keeps_them_until_somebody_confirms()
    {
        await using var server = await OpenLdapServer.StartAsync();
        using var world = await DirectoryWorld.CreateAsync(server);
        await world.TeamAsync("all", DirectoryWorld.Group("all (nested)"));
        await world.SyncAsync();
        await server.LoadAsync(new Ldif().Raw(
            $"dn: {OpenLdapServer.Group("all (nested)")}\nchangetype: modify\nreplace: member\nmember: {OpenLdapServer.Person("carol")}\n-"));

        var held = await world.SyncAsync();
        held.State.ShouldBe("partial");
        held.Summary.ShouldNotBeNull().ShouldContain("2 of 2 members would leave");
        (await world.MembersAsync("all")).ShouldBe(["alice", "bob", "carol"]);
        (await world.SyncAsync(force: true)).State.ShouldBe("ok");
        (await world.MembersAsync("all")).ShouldBe(["carol"]);

        await server.LoadAsync(new Ldif().Raw($"dn: {OpenLdapServer.Group("all (nested)")}\nchangetype: delete"));
        (await world.SyncAsync(force: true)).Log.ShouldContain("is not there, or hidden from the reader");
        (await world.MembersAsync("all")).ShouldBe(["carol"]);
    }

    [Fact]
    public async Task Administrators_are_made_and_unmade_by_the_rule_and_local_ones_stay()
    {
        await using var server = await OpenLdapServer.StartAsync();
        using var world = await DirectoryWorld.CreateAsync(server, settings => settings with { Administrators = DirectoryWorld.Group("devs") });
        await world.LocalAsync("root");
        await world.ChangeAsync("root", user => user.IsAdministrator = true);

        (await world.SyncAsync()).State.ShouldBe("ok");

        (await world.UserAsync("alice")).ShouldSatisfyAllConditions(user => user.IsAdministrator.ShouldBeTrue(), user => user.AdministratorBy.ShouldBe("ldap"));
        (await world.UserAsync("carol")).IsAdministrator.ShouldBeFalse();
        await world.PutAsync(DirectoryWorld.For(server) with { Administrators = DirectoryWorld.Group("ops") });
        await world.SyncAsync();
        (await world.UserAsync("bob")).IsAdministrator.ShouldBeFalse();
        await world.PutAsync(DirectoryWorld.For(server) with { Administrators = new() { BaseDn = OpenLdapServer.PeopleDn, Filter = "(uid=nobody)" } });
        (await world.SyncAsync(force: true)).State.ShouldBe("partial");
        (await world.UserAsync("alice")).IsAdministrator.ShouldBeTrue();
        (await world.UserAsync("root")).IsAdministrator.ShouldBeTrue();
    }

    [Fact]
    public async Task A_failed_second_domain_makes_the_run_partial_and_disables_nobody()
    {
        await using var server = await OpenLdapServer.StartAsync();
        using var world = await DirectoryWorld.CreateAsync(server);
        await world.SyncAsync();
        var settings = DirectoryWorld.For(server);
        await world.PutAsync(settings with
        {
            Servers = [settings.Servers[0], new DirectoryServer { Url = "ldaps://127.0.0.1:1", Domain = "dc=other,dc=test" }],
            Searches = [settings.Searches[0] with { Filter = "(|(uid=alice)(uid=bob))" }, new UserSearch { BaseDn = "ou=people,dc=other,dc=test" }],
        });

        var run = await world.SyncAsync();

        run.State.ShouldBe("partial");
        run.Log.ShouldContain("ldaps://127.0.0.1:1");
        (await world.ActiveAsync()).ShouldBe(["alice", "bob", "carol"]);
    }

    private static async Task SessionAsync(DirectoryWorld world, UserEntity user)
    {
        await using var db = world.Database.CreateDbContext();
        db.Sessions.Add(new SessionEntity { Id = "s", SecretHash = "h", UserId = user.Id, CreatedAt = user.CreatedAt, LastSeenAt = user.CreatedAt, ExpiresAt = user.CreatedAt.AddDays(1) });
        await db.SaveChangesAsync();
    }
}
