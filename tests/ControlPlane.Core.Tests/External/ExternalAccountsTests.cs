using ControlPlane.Core.Access;
using ControlPlane.Core.Data;
using ControlPlane.Core.Identity;
using ControlPlane.Core.Results;
using ControlPlane.TestKit.Databases;
using Microsoft.EntityFrameworkCore;
using static ControlPlane.Core.Tests.External.ExternalWorld;

namespace ControlPlane.Core.Tests.External;

public sealed class ExternalAccountsTests
{
    [Theory, DatabaseData]
    public async Task The_first_time_makes_an_account_and_the_next_time_finds_it(DatabaseKind kind)
    {
        using var world = await ExternalWorld.CreateAsync(kind);

        var made = await world.AcceptAsync(Person("s1", "Alice", "devs") with { FullName = "Alice A.", Email = "alice@example.com" });
        var again = await world.AcceptAsync(Person("s1", "renamed", "devs") with { FullName = "Alice B.", Email = "alice@example.org" });

        made.Source.ShouldBe("oidc");
        made.PasswordHash.ShouldBeNull();
        again.Id.ShouldBe(made.Id);
        again.Name.ShouldBe("Alice");
        again.FullName.ShouldBe("Alice B.");
        again.Email.ShouldBe("alice@example.org");
        (await world.ReadAsync(db => db.Users.CountAsync())).ShouldBe(1);
        (await world.ReadAsync(db => db.Audit.CountAsync(entry => entry.Action == "users.create" && entry.ObjectId == made.Id))).ShouldBe(1);
    }

    [Theory, DatabaseData]
    public async Task Another_issuer_never_gets_an_account_by_its_name_subject_or_address(DatabaseKind kind)
    {
        using var world = await ExternalWorld.CreateAsync(kind);
        var alice = await world.AcceptAsync(Person("s1", "alice", "devs") with { Email = "alice@example.com" });
        var forged = Person("s1", "alice", "ops") with { Issuer = OtherIssuer, MembershipSource = "oidc:other", Email = "alice@example.com" };

        (await world.RefuseAsync(forged)).ShouldBeOfType<ConflictError>().Code.ShouldBe("account.name_taken");
        var renamed = await world.AcceptAsync(forged with { Name = "alice.other" });

        renamed.Id.ShouldNotBe(alice.Id);
        (await world.MembershipsAsync(alice.Id)).ShouldBe(["oidc:corp/devs"]);
    }

    [Theory, DatabaseData]
    public async Task The_name_of_a_local_account_is_refused_in_any_case_and_the_entry_says_whose_it_is(DatabaseKind kind)
    {
        using var world = await ExternalWorld.CreateAsync(kind);
        await world.ChangeAsync(db => db.Users.Add(new UserEntity { Id = "local-1", Name = "admin", FoldedName = "admin", IsAdministrator = true }));

        var error = await world.RefuseAsync(Person("s1", "ADMIN", "devs"));

        error.Code.ShouldBe("account.name_taken");
        error.Message.ShouldNotContain("local-1");
        var entry = await world.ReadAsync(db => db.Audit.SingleAsync());
        entry.Result.ShouldBe("refused");
        entry.Detail!.ShouldContain("local-1");
        (await world.ReadAsync(db => db.ExternalIdentities.CountAsync())).ShouldBe(0);
        (await world.ReadAsync(db => db.Users.SingleAsync())).IsAdministrator.ShouldBeTrue();
    }

    [Theory]
    [InlineData("Jürgen Müller", "J-rgen.M-ller")]
    [InlineData("Jose\u0301", "Jose")]
    [InlineData("CORP\\bob", "CORP-bob")]
    [InlineData("a b\r\nc", "a.b..c")]
    [InlineData("alice@example.com", "alice@example.com")]
    public async Task Names_are_made_valid(string given, string expected)
    {
        using var world = await ExternalWorld.CreateAsync(DatabaseKind.Sqlite);

        var user = await world.AcceptAsync(Person("s1", given, "devs"));

        user.Name.ShouldBe(expected);
        AccountName.IsValid(user.Name).ShouldBeTrue();
    }

    [Fact]
    public async Task A_name_of_which_nothing_is_left_is_made_of_the_identity()
    {
        using var world = await ExternalWorld.CreateAsync(DatabaseKind.Sqlite);

        var one = await world.AcceptAsync(Person("s1", "山田", "devs"));
        var other = await world.AcceptAsync(Person("s2", "山田", "devs"));
        var endless = await world.AcceptAsync(Person("s3", new string('x', 500), "devs"));

        one.Name.ShouldStartWith("user-");
        other.Name.ShouldNotBe(one.Name);
        endless.Name.Length.ShouldBe(AccountName.MaximumLength);
    }

    [Theory, DatabaseData]
    public async Task A_disabled_account_stays_out_and_unchanged(DatabaseKind kind)
    {
        using var world = await ExternalWorld.CreateAsync(kind);
        var user = await world.AcceptAsync(Person("s1", "alice", "devs"));
        await world.ChangeAsync(db => db.Users.Single().DisabledAt = world.Clock.GetUtcNow().UtcDateTime);

        (await world.RefuseAsync(Person("s1", "alice", "ops") with { IsAdministrator = true })).Code.ShouldBe("account.disabled");

        (await world.MembershipsAsync(user.Id)).ShouldBe(["oidc:corp/devs"]);
        (await world.ReadAsync(db => db.Users.SingleAsync())).IsAdministrator.ShouldBeFalse();
    }

    [Theory, DatabaseData]
    public async Task Memberships_of_one_source_are_replaced_and_those_of_others_stay(DatabaseKind kind)
    {
        using var world = await ExternalWorld.CreateAsync(kind);
        var user = await world.AcceptAsync(Person("s1", "alice", "devs"));
        await world.ChangeAsync(db => db.TeamMembers.AddRange(
            new TeamMemberEntity { TeamId = "devs", UserId = user.Id, Source = "manual" },
            new TeamMemberEntity { TeamId = "ops", UserId = user.Id, Source = "oidc:other" }));

        await world.AcceptAsync(Person("s1", "alice", "ops"));

        (await world.MembershipsAsync(user.Id)).ShouldBe(["manual/devs", "oidc:corp/ops", "oidc:other/ops"]);
    }

    [Theory, DatabaseData]
    public async Task Rights_follow_at_once_and_what_was_remembered_is_forgotten(DatabaseKind kind)
    {
        using var world = await ExternalWorld.CreateAsync(kind);
        await world.ChangeAsync(db => db.Grants.Add(new GrantEntity
        {
            Id = "g1", SubjectKind = "team", SubjectId = "ops", RoleId = "full-control", Collection = "/Shared", CreatedBy = "test",
        }));
        var user = await world.AcceptAsync(Person("s1", "alice", "devs"));
        world.Cache.Put("key", Caller.System("test") with { Kind = CallerKind.Session, Id = user.Id }, DateTimeOffset.MaxValue, world.Cache.Generation);
        world.Access.Current.RightsOf(user.Id).On("/Shared").Has(Permission.ContainersRead).ShouldBeFalse();

        await world.AcceptAsync(Person("s1", "alice", "devs", "ops"));

        world.Access.Current.RightsOf(user.Id).On("/Shared").Has(Permission.ContainersRead).ShouldBeTrue();
        world.Cache.Find("key").ShouldBeNull();
    }

    [Theory, DatabaseData]
    public async Task Nothing_is_published_when_memberships_stay(DatabaseKind kind)
    {
        using var world = await ExternalWorld.CreateAsync(kind);
        await world.AcceptAsync(Person("s1", "alice", "devs"));
        var version = world.Access.Current.Version;

        await world.AcceptAsync(Person("s1", "alice", "devs"));

        world.Access.Current.Version.ShouldBe(version);
    }

    [Theory, DatabaseData]
    public async Task Who_must_have_a_team_and_has_none_gets_no_account(DatabaseKind kind)
    {
        using var world = await ExternalWorld.CreateAsync(kind);

        (await world.RefuseAsync(Person("s1", "alice") with { RequireTeam = true })).Code.ShouldBe("auth.no_access");
        (await world.RefuseAsync(Person("s1", "alice", "gone") with { RequireTeam = true })).Code.ShouldBe("auth.no_access");
        (await world.ReadAsync(db => db.Users.CountAsync())).ShouldBe(0);

        (await world.AcceptAsync(Person("s2", "bob") with { RequireTeam = true, IsAdministrator = true })).IsAdministrator.ShouldBeTrue();
        (await world.AcceptAsync(Person("s3", "carol"))).IsAdministrator.ShouldBeFalse();
    }

    [Theory, DatabaseData]
    public async Task Who_lost_every_team_loses_access_and_the_memberships(DatabaseKind kind)
    {
        using var world = await ExternalWorld.CreateAsync(kind);
        var user = await world.AcceptAsync(Person("s1", "alice", "devs") with { RequireTeam = true, IsAdministrator = false });

        (await world.RefuseAsync(Person("s1", "alice") with { RequireTeam = true, IsAdministrator = false })).Code.ShouldBe("auth.no_access");

        (await world.MembershipsAsync(user.Id)).ShouldBeEmpty();
        world.Access.Current.TeamsOf(user.Id).ShouldBeEmpty();
    }

    [Theory, DatabaseData]
    public async Task A_source_makes_administrators_and_takes_back_only_its_own(DatabaseKind kind)
    {
        using var world = await ExternalWorld.CreateAsync(kind);
        var person = Person("s1", "alice", "devs");

        (await world.AcceptAsync(person with { IsAdministrator = true })).AdministratorBy.ShouldBe("oidc:corp");
        (await world.AcceptAsync(person with { IsAdministrator = null })).IsAdministrator.ShouldBeTrue();
        (await world.AcceptAsync(person with { IsAdministrator = false })).IsAdministrator.ShouldBeFalse();

        await world.ChangeAsync(db => db.Users.Single().IsAdministrator = true);
        var made = await world.AcceptAsync(person with { IsAdministrator = true });
        made.AdministratorBy.ShouldBeNull();
        (await world.AcceptAsync(person with { IsAdministrator = false })).IsAdministrator.ShouldBeTrue();
    }

    [Theory, DatabaseData]
    public async Task Parallel_first_sign_ins_of_one_person_make_one_account(DatabaseKind kind)
    {
        using var world = await ExternalWorld.CreateAsync(kind);

        var users = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => world.AcceptAsync(Person("s1", "alice", "devs", "ops")))));

        users.Select(user => user.Id).Distinct().Count().ShouldBe(1);
        (await world.ReadAsync(db => db.Users.CountAsync())).ShouldBe(1);
        (await world.MembershipsAsync(users[0].Id)).ShouldBe(["oidc:corp/devs", "oidc:corp/ops"]);
        (await world.ReadAsync(db => db.Audit.CountAsync(entry => entry.Action == "users.create"))).ShouldBe(1);
    }

    [Theory, DatabaseData]
    public async Task An_account_that_was_removed_is_made_anew_for_the_same_person(DatabaseKind kind)
    {
        using var world = await ExternalWorld.CreateAsync(kind);
        var first = await world.AcceptAsync(Person("s1", "alice"));
        await world.ChangeAsync(db => db.Users.RemoveRange(db.Users));

        var second = await world.AcceptAsync(Person("s1", "alice"));

        second.Id.ShouldNotBe(first.Id);
        (await world.ReadAsync(db => db.ExternalIdentities.SingleAsync())).UserId.ShouldBe(second.Id);
    }

    [Theory, DatabaseData]
    public async Task Many_are_made_at_once_and_one_that_clashes_does_not_hold_up_the_others(DatabaseKind kind)
    {
        using var world = await ExternalWorld.CreateAsync(kind);
        var people = Enumerable.Range(0, 600).Select(index => Person($"s{index}", $"user{index}", "devs"))
            .Append(Person("twin", "USER7", "devs")).ToList();

        var results = await world.Accounts.ProvisionAllAsync(people, Server, CancellationToken.None);
        var again = await world.Accounts.ProvisionAllAsync(people, Server, CancellationToken.None);

        results.Count(result => result.IsSuccess).ShouldBe(600);
        results[^1].Error!.Code.ShouldBe("account.name_taken");
        again.Take(600).Select(result => result.Value.Id).ShouldBe(results.Take(600).Select(result => result.Value.Id));
        (await world.ReadAsync(db => db.TeamMembers.CountAsync())).ShouldBe(600);
    }

    [Theory]
    [InlineData("", "corp")]
    [InlineData(" ", "corp")]
    [InlineData("s1", "manual")]
    public async Task What_cannot_be_told_apart_is_refused(string subject, string source)
    {
        using var world = await ExternalWorld.CreateAsync(DatabaseKind.Sqlite);
        var person = Person(subject, "alice", "devs") with { MembershipSource = source == "corp" ? "oidc:corp" : source };

        (await world.RefuseAsync(person)).Code.ShouldBe("auth.no_access");
        (await world.ReadAsync(db => db.Users.CountAsync())).ShouldBe(0);
    }
}
