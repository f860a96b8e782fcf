using ControlPlane.Core.Access;
using ControlPlane.Core.Access.Administration;
using ControlPlane.Core.Data;
using ControlPlane.Core.Results;
using ControlPlane.TestKit.Databases;
using Microsoft.EntityFrameworkCore;

namespace ControlPlane.Core.Tests.Access;

public sealed class AdministrationTests
{
    [Theory, DatabaseData]
    public async Task A_role_is_made_changed_and_removed_once_nobody_uses_it(DatabaseKind kind)
    {
        using var world = await AccessWorld.CreateAsync(kind);
        var alice = await world.UserAsync("alice");
        var role = (await world.Roles.CreateAsync(AccessWorld.Admin, new RoleRequest("Reader", [Permission.ContainersRead]), default)).Must();
        await world.GrantAsync("alice", "reader", "/Shared");
        world.Authorizer.Check(alice, Permission.ContainersLogs, "/Shared").ShouldNotBeNull();

        var changed = (await world.Roles.PutAsync(
            AccessWorld.Admin, role.Id, new RoleRequest("Reader", [Permission.ContainersRead, Permission.ContainersLogs]), role.Revision, default)).Must();

        world.Authorizer.Check(alice, Permission.ContainersLogs, "/Shared").ShouldBeNull();
        changed.Grants.ShouldBe(1);
        (await world.Roles.PutAsync(AccessWorld.Admin, role.Id, new RoleRequest("Reader", []), role.Revision, default)).Error.ShouldBeOfType<PreconditionError>();
        (await world.Roles.DeleteAsync(AccessWorld.Admin, role.Id, changed.Revision, default)).Error.ShouldBeOfType<ConflictError>().Code.ShouldBe("role.in_use");
        var grant = (await world.Grants.ListAsync(AccessWorld.Admin, new GrantFilter(["alice"], [], [], []), default)).Must().Single();
        (await world.Grants.DeleteAsync(AccessWorld.Admin, grant.Id, default)).Must();
        (await world.Roles.DeleteAsync(AccessWorld.Admin, role.Id, changed.Revision, default)).Must();
        (await world.Roles.GetAsync(AccessWorld.Admin, role.Id, default)).Error.ShouldBeOfType<NotFoundError>();
    }

    [Fact]
    public async Task Built_in_roles_stay_as_they_are()
    {
        using var world = await AccessWorld.CreateAsync();

        (await world.Roles.PutAsync(AccessWorld.Admin, "view-only", new RoleRequest("x", []), Revision.Any, default)).Error.ShouldBeOfType<ConflictError>();
        (await world.Roles.DeleteAsync(AccessWorld.Admin, "admin", Revision.Any, default)).Error.ShouldBeOfType<ConflictError>();
        (await world.Roles.CreateAsync(AccessWorld.Admin, new RoleRequest("VIEW ONLY", []), default)).Error.ShouldBeOfType<ConflictError>();
        (await world.Roles.CreateAsync(AccessWorld.Admin, new RoleRequest("view-only", []), default)).Error.ShouldBeOfType<ConflictError>();
        (await world.Roles.ListAsync(AccessWorld.Admin, default)).Must().Count(role => role.BuiltIn).ShouldBe(7);
    }

    [Fact]
    public async Task Wrong_fields_are_all_named()
    {
        using var world = await AccessWorld.CreateAsync();

        (await world.Roles.CreateAsync(AccessWorld.Admin, new RoleRequest(" ", ["containers.fly", Permission.ContainersRead, ""]), default))
            .Error.ShouldBeOfType<InvalidError>().Fields.Select(field => field.Field).ShouldBe(["name", "permissions[0]", "permissions[2]"]);
        (await world.Teams.CreateAsync(
            AccessWorld.Admin,
            new TeamRequest("a/b", null, new TeamDirectoryRule { GroupDn = "cn=x,dc=y", BaseDn = "dc=y" }, [new TeamClaimRule("", "groups", "x")]), default))
            .Error.ShouldBeOfType<InvalidError>().Fields.Select(field => field.Field).ShouldBe(["name", "directoryRule", "claimRules[0].provider"]);
        (await world.Teams.CreateAsync(AccessWorld.Admin, new TeamRequest("t", null, new TeamDirectoryRule { BaseDn = "no dn", Filter = "(uid=*" }), default))
            .Error.ShouldBeOfType<InvalidError>().Fields.Select(field => field.Field).ShouldBe(["directoryRule.baseDn", "directoryRule.filter"]);
        (await world.Collections.CreateAsync(AccessWorld.Admin, new CollectionRequest("/a/b/c"), default)).Error.ShouldBeOfType<InvalidError>();
        (await world.Collections.CreateAsync(AccessWorld.Admin, new CollectionRequest("/nowhere/x"), default)).Error.ShouldBeOfType<InvalidError>();
        (await world.Collections.CreateAsync(AccessWorld.Admin, new CollectionRequest("/System/x"), default)).Error.ShouldBeOfType<InvalidError>();
        (await world.Collections.CreateAsync(AccessWorld.Admin, new CollectionRequest("/p", null, new CollectionPolicy { AllowedRegistries = ["UPPER"], ForbiddenOptions = ["containers.read"], MaxMemoryBytes = 0 }), default))
            .Error.ShouldBeOfType<InvalidError>().Fields.Count.ShouldBe(3);
        (await world.Grants.CreateAsync(AccessWorld.Admin, new GrantRequest("group", "nope", "/nowhere", "x"), default))
            .Error.ShouldBeOfType<InvalidError>().Fields.Select(field => field.Field).ShouldBe(["subjectKind", "role", "collection"]);
    }

    [Theory, DatabaseData]
    public async Task A_team_goes_with_its_grants_and_memberships(DatabaseKind kind)
    {
        using var world = await AccessWorld.CreateAsync(kind);
        var alice = await world.UserAsync("alice");
        var team = await world.TeamAsync("ops", "alice");
        (await world.Grants.CreateAsync(AccessWorld.Admin, new GrantRequest("team", "operator", "/Shared", "ops"), default)).Must();
        world.Authorizer.Check(alice, Permission.ContainersLogs, "/Shared").ShouldBeNull();
        (await world.Teams.CreateAsync(AccessWorld.Admin, new TeamRequest("OPS"), default)).Error.ShouldBeOfType<ConflictError>();

        (await world.Teams.DeleteAsync(AccessWorld.Admin, team.Id, team.Revision, default)).Must();

        world.Authorizer.Check(alice, Permission.ContainersLogs, "/Shared").ShouldNotBeNull();
        await using var db = world.Database.CreateDbContext();
        (await db.TeamMembers.CountAsync(), await db.Grants.CountAsync()).ShouldBe((0, 0));
    }

    [Fact]
    public async Task What_a_directory_says_cannot_be_taken_away_by_hand()
    {
        using var world = await AccessWorld.CreateAsync();
        var alice = await world.UserAsync("alice");
        var team = await world.TeamAsync("ops");
        await using (var db = world.Database.CreateDbContext())
        {
            db.TeamMembers.Add(new TeamMemberEntity { TeamId = team.Id, UserId = alice.Id, Source = "ldap" });
            await world.Store.SaveAsync(db, default);
        }

        var member = (await world.Teams.MembersAsync(AccessWorld.Admin, "ops", default)).Must().Single();
        (member.Locked, member.Sources.Single()).ShouldBe((true, "ldap"));
        (await world.Teams.RemoveMemberAsync(AccessWorld.Admin, team.Id, alice.Id, default)).Error.ShouldBeOfType<ConflictError>().Code.ShouldBe("membership.locked");

        (await world.Teams.AddMemberAsync(AccessWorld.Admin, team.Id, "alice", default)).Must();
        (await world.Teams.MembersAsync(AccessWorld.Admin, team.Id, default)).Must().Single().Sources.ShouldBe(["ldap", "manual"]);
        (await world.Teams.RemoveMemberAsync(AccessWorld.Admin, team.Id, alice.Id, default)).Must();
        (await world.Teams.MembersAsync(AccessWorld.Admin, team.Id, default)).Must().Single().Sources.ShouldBe(["ldap"]);
    }

    [Fact]
    public async Task Nobody_gives_what_they_do_not_have()
    {
        using var world = await AccessWorld.CreateAsync();
        var lead = await world.UserAsync("lead");
        await world.UserAsync("alice");
        await world.CollectionAsync("/prod", "/dev");
        (await world.Roles.CreateAsync(
            AccessWorld.Admin,
            new RoleRequest("Lead", [.. BuiltInRoles.All.Single(role => role.Id == "operator").Permissions.Names(), Permission.GrantsRead, Permission.GrantsCreate, Permission.GrantsRemove]),
            default)).Must();
        await world.GrantAsync("lead", "Lead", "/prod");
        Task<Result<GrantView>> Give(string role, string collection) => world.Grants.CreateAsync(lead, new GrantRequest("user", role, collection, "alice"), default);

        (await Give("view-only", "/prod")).Must();
        (await Give("full-control", "/prod")).Error.ShouldBeOfType<ForbiddenError>().Code.ShouldBe("access.escalation");
        (await Give("admin", "/prod")).Error.ShouldBeOfType<ForbiddenError>();
        (await Give("view-only", "/dev")).Error.ShouldBeOfType<InvalidError>("what is not seen does not exist");
        (await Give("view-only", "/")).Error.ShouldBeOfType<InvalidError>();

        (await world.RefusalsAsync()).ShouldNotBeEmpty();
        (await world.Grants.ListAsync(lead, new GrantFilter([], [], [], []), default)).Must().ShouldAllBe(grant => grant.Collection == "/prod");
    }

    [Fact]
    public async Task Adding_a_member_or_a_right_gives_rights_too()
    {
        using var world = await AccessWorld.CreateAsync();
        var clerk = await world.UserAsync("clerk");
        await world.UserAsync("alice");
        var strong = await world.TeamAsync("strong");
        var role = (await world.Roles.CreateAsync(AccessWorld.Admin, new RoleRequest("Custom", [Permission.ContainersRead]), default)).Must();
        (await world.Grants.CreateAsync(AccessWorld.Admin, new GrantRequest("team", "full-control", "/Shared", "strong"), default)).Must();
        (await world.Grants.CreateAsync(AccessWorld.Admin, new GrantRequest("team", "Custom", "/Shared", "strong"), default)).Must();
        (await world.Roles.CreateAsync(
            AccessWorld.Admin,
            new RoleRequest("Clerk", [Permission.TeamsRead, Permission.TeamsCreate, Permission.TeamsUpdate, Permission.RolesRead, Permission.RolesUpdate]), default)).Must();
        await world.GrantAsync("clerk", "Clerk", "/System");

        (await world.Teams.AddMemberAsync(clerk, strong.Id, "clerk", default)).Error.ShouldBeOfType<ForbiddenError>().Code.ShouldBe("access.escalation");
        (await world.Teams.PutAsync(clerk, strong.Id, new TeamRequest("strong", null, null, [new TeamClaimRule("p", "groups", "all")]), strong.Revision, default))
            .Error.ShouldBeOfType<ForbiddenError>().Code.ShouldBe("access.escalation");
        (await world.Roles.PutAsync(clerk, role.Id, new RoleRequest("Custom", [Permission.ContainersRead, Permission.ContainersExec]), role.Revision, default))
            .Error.ShouldBeOfType<ForbiddenError>().Code.ShouldBe("access.escalation");

        var harmless = (await world.Teams.CreateAsync(clerk, new TeamRequest("harmless"), default)).Must();
        (await world.Teams.AddMemberAsync(clerk, harmless.Id, "alice", default)).Must();
    }

    [Fact]
    public async Task A_collection_goes_only_when_nothing_is_in_it_or_below()
    {
        using var world = await AccessWorld.CreateAsync();
        await world.CollectionAsync("/prod", "/prod/web");
        await world.UserAsync("alice");
        var grant = await world.GrantAsync("alice", "operator", "/prod");
        var prod = world.Collections.Get(AccessWorld.Admin, "/prod").Must();

        var error = (await world.Collections.DeleteAsync(AccessWorld.Admin, "/prod", prod.Revision, default)).Error.ShouldBeOfType<ConflictError>();
        error.Message.ShouldContain("1 collections below it");
        error.Message.ShouldContain("1 grants");
        (await world.Collections.DeleteAsync(AccessWorld.Admin, "/Shared", Revision.Any, default)).Error.ShouldBeOfType<ConflictError>();

        (await world.Grants.DeleteAsync(AccessWorld.Admin, grant.Id, default)).Must();
        (await world.Collections.DeleteAsync(AccessWorld.Admin, "/prod/web", Revision.Any, default)).Must();
        (await world.Collections.DeleteAsync(AccessWorld.Admin, "/prod", prod.Revision, default)).Must();
        (await world.Collections.CreateAsync(AccessWorld.Admin, new CollectionRequest("/SHARED"), default)).Error.ShouldBeOfType<ConflictError>();
    }

    [Fact]
    public async Task A_built_in_collection_takes_a_policy()
    {
        using var world = await AccessWorld.CreateAsync();
        var shared = world.Collections.Get(AccessWorld.Admin, "/Shared").Must();
        shared.Revision.ShouldBe(0);

        var changed = (await world.Collections.PutAsync(
            AccessWorld.Admin, "/Shared", new CollectionChange(null, new CollectionPolicy { RequireMemoryLimit = true }), 0, default)).Must();

        changed.Policy!.RequireMemoryLimit.ShouldBe(true);
        world.Store.Current.Collections["/Shared"].Policy!.RequireMemoryLimit.ShouldBe(true);
        (await world.Collections.PutAsync(AccessWorld.Admin, "/Shared", new CollectionChange(), 0, default)).Error.ShouldBeOfType<PreconditionError>();
    }

    [Fact]
    public async Task Effective_access_names_the_grant_behind_each_right()
    {
        using var world = await AccessWorld.CreateAsync();
        var alice = await world.UserAsync("alice");
        var bob = await world.UserAsync("bob");
        await world.UserAsync("chief", isAdministrator: true);
        await world.CollectionAsync("/prod");
        var team = await world.TeamAsync("ops", "alice");
        (await world.Grants.CreateAsync(AccessWorld.Admin, new GrantRequest("team", "operator", "/", "ops"), default)).Must();
        await world.GrantAsync("bob", "scheduler", "/prod");

        var own = (await world.Effective.OfUserAsync(alice, "alice", default)).Must();
        var root = own.Collections.Single();
        (root.Collection, root.Because.Single().ViaName, root.Because.Single().RoleName).ShouldBe(("/", "ops", "Operator"));
        root.Permissions.ShouldContain(Permission.ContainersLogs);
        (await world.Effective.OfUserAsync(bob, "alice", default)).Error.ShouldBeOfType<ForbiddenError>("others' access needs the right to see grants");

        var onProd = (await world.Effective.OnCollectionAsync(AccessWorld.Admin, "/prod", null, default)).Must();
        onProd.Subjects.Select(subject => subject.SubjectName).ShouldBe(["alice", "bob", "chief"]);
        onProd.Subjects[2].Because[0].Via.ShouldBe("administrator");
        (await world.Effective.OnCollectionAsync(AccessWorld.Admin, "/prod", Permission.NodesSchedule, default)).Must()
            .Subjects.Select(subject => subject.SubjectName).ShouldBe(["bob", "chief"]);
        (await world.Effective.OnCollectionAsync(AccessWorld.Admin, "/prod", "no.right", default)).Error.ShouldBeOfType<InvalidError>();
        (await world.Effective.OnCollectionAsync(bob, "/prod", null, default)).Error.ShouldBeOfType<ForbiddenError>();
    }

    [Fact]
    public async Task Every_change_is_in_the_audit_trail()
    {
        using var world = await AccessWorld.CreateAsync();
        await world.UserAsync("alice");
        await world.CollectionAsync("/prod");
        await world.TeamAsync("ops", "alice");
        await world.GrantAsync("alice", "operator", "/prod");

        await using var db = world.Database.CreateDbContext();
        (await db.Audit.Select(entry => entry.Action).ToListAsync())
            .ShouldBe(["collections.create", "teams.create", "teams.add_member", "grants.create"], ignoreOrder: true);
    }

    [Fact]
    public async Task A_change_that_is_not_committed_is_not_published()
    {
        using var world = await AccessWorld.CreateAsync();
        var version = world.Store.Current.Version;
        await using var db = world.Database.CreateDbContext();
        db.Grants.Add(new GrantEntity { Id = "g", SubjectKind = "everyone", SubjectId = "", RoleId = "admin", Collection = "/", CreatedBy = "x" });

        await Should.ThrowAsync<InvalidOperationException>(world.Store.SaveAsync(db, default, () => throw new InvalidOperationException("the statement beside it fails")));

        world.Store.Current.Version.ShouldBe(version);
        world.Store.Current.Grants.ShouldBeEmpty();
        await using var other = world.Database.CreateDbContext();
        (await other.Grants.CountAsync()).ShouldBe(0);
    }
}
