using ControlPlane.Core.Access;
using ControlPlane.Core.Access.Administration;
using ControlPlane.Core.Results;
using ControlPlane.TestKit.Databases;
using Paths = ControlPlane.Core.Access.Collections;

namespace ControlPlane.Core.Tests.Access;

public sealed class AuthorizerTests
{
    [Theory, DatabaseData]
    public async Task A_grant_counts_on_its_collection_and_below_and_nowhere_else(DatabaseKind kind)
    {
        using var world = await AccessWorld.CreateAsync(kind);
        var alice = await world.UserAsync("alice");
        await world.CollectionAsync("/prod", "/prod/web", "/production", "/dev");
        await world.GrantAsync("alice", "view-only", "/prod");

        May(world, alice, Permission.ContainersRead, "/prod").ShouldBeTrue();
        May(world, alice, Permission.ContainersRead, "/prod/web").ShouldBeTrue();
        May(world, alice, Permission.ContainersRead, "/production").ShouldBeFalse();
        May(world, alice, Permission.ContainersRead, "/dev").ShouldBeFalse();
        May(world, alice, Permission.ContainersRead, Paths.Root).ShouldBeFalse();
        May(world, alice, Permission.ContainersStart, "/prod").ShouldBeFalse();
        world.Authorizer.CheckAnywhere(alice, Permission.ContainersRead).ShouldBeNull();
        world.Authorizer.CheckAnywhere(alice, Permission.ContainersStart).ShouldBeOfType<ForbiddenError>();
    }

    [Fact]
    public async Task Rights_are_the_union_of_the_users_the_teams_and_everyones_grants()
    {
        using var world = await AccessWorld.CreateAsync();
        var alice = await world.UserAsync("alice");
        var team = await world.TeamAsync("ops", "alice");
        await world.GrantAsync("alice", "view-only", "/Shared");
        (await world.Grants.CreateAsync(AccessWorld.Admin, new GrantRequest("team", "scheduler", "/", team.Id), default)).Must();
        (await world.Grants.CreateAsync(AccessWorld.Admin, new GrantRequest("everyone", "operator", "/Unmanaged"), default)).Must();

        May(world, alice, Permission.ContainersRead, "/Shared").ShouldBeTrue();
        May(world, alice, Permission.NodesSchedule, "/Shared").ShouldBeTrue();
        May(world, alice, Permission.ContainersRestart, "/Unmanaged").ShouldBeTrue();
        May(world, alice, Permission.ContainersRestart, "/Shared").ShouldBeFalse();
    }

    [Fact]
    public async Task What_is_taken_away_is_gone_at_once()
    {
        using var world = await AccessWorld.CreateAsync();
        var alice = await world.UserAsync("alice");
        var team = await world.TeamAsync("ops", "alice");
        var grant = (await world.Grants.CreateAsync(AccessWorld.Admin, new GrantRequest("team", "full-control", "/Shared", "OPS"), default)).Must();
        var sight = new CollectionSight(world.Authorizer, alice, Permission.ContainersExec);
        sight.Of("/Shared").ShouldBeTrue();

        (await world.Teams.RemoveMemberAsync(AccessWorld.Admin, team.Id, alice.Id, default)).Must();
        May(world, alice, Permission.ContainersExec, "/Shared").ShouldBeFalse();
        sight.Of("/Shared").ShouldBeFalse();

        (await world.Teams.AddMemberAsync(AccessWorld.Admin, team.Id, alice.Name, default)).Must();
        May(world, alice, Permission.ContainersExec, "/Shared").ShouldBeTrue();
        (await world.Grants.DeleteAsync(AccessWorld.Admin, grant.Id, default)).Must();
        May(world, alice, Permission.ContainersExec, "/Shared").ShouldBeFalse();
    }

    [Fact]
    public async Task What_was_published_is_what_a_restart_reads()
    {
        using var world = await AccessWorld.CreateAsync();
        var alice = await world.UserAsync("alice");
        await world.CollectionAsync("/prod");
        await world.GrantAsync("alice", "operator", "/prod");

        using var restarted = new AccessStore(world.Database);
        await restarted.LoadAsync(default);

        restarted.Current.RightsOf(alice.Id).On("/prod").ShouldBe(world.Store.Current.RightsOf(alice.Id).On("/prod"));
        restarted.Current.Collections.Keys.ShouldBe(world.Store.Current.Collections.Keys, ignoreOrder: true);
    }

    [Fact]
    public async Task A_token_has_only_what_is_in_its_scope_and_what_its_owner_has()
    {
        using var world = await AccessWorld.CreateAsync();
        var alice = await world.UserAsync("alice");
        await world.CollectionAsync("/prod", "/dev");
        await world.GrantAsync("alice", "operator", "/");
        var token = alice with
        {
            Kind = CallerKind.Token,
            Scope = new TokenScope(PermissionSet.Of([Permission.ContainersRead, Permission.ContainersStart, Permission.ContainersExec]), "/prod"),
        };

        May(world, token, Permission.ContainersStart, "/prod").ShouldBeTrue();
        May(world, token, Permission.ContainersStart, "/dev").ShouldBeFalse();
        May(world, token, Permission.ContainersStart, Paths.Root).ShouldBeFalse();
        May(world, token, Permission.ContainersStop, "/prod").ShouldBeFalse();
        May(world, token, Permission.ContainersExec, "/prod").ShouldBeFalse("its owner may not either");
        world.Authorizer.CheckAnywhere(token, Permission.ContainersStart).ShouldBeNull();
        world.Authorizer.CheckAnywhere(token, Permission.ContainersStop).ShouldNotBeNull();
        Authorizer.CheckOwn(token).ShouldBeOfType<ForbiddenError>();
        world.Authorizer.Where(token, Permission.ContainersStart).ShouldBe(["/prod"]);
    }

    [Fact]
    public async Task An_administrators_token_is_limited_as_well()
    {
        using var world = await AccessWorld.CreateAsync();
        await world.CollectionAsync("/prod");
        var token = AccessWorld.Admin with { Kind = CallerKind.Token, Scope = new TokenScope(PermissionSet.Of([Permission.ContainersRead]), "/prod") };

        May(world, token, Permission.ContainersRead, "/prod").ShouldBeTrue();
        May(world, token, Permission.ContainersRead, "/Shared").ShouldBeFalse();
        May(world, token, Permission.UsersRead, Paths.System).ShouldBeFalse();
        world.Authorizer.Where(token, Permission.ContainersRead).ShouldBe(["/prod"]);
        world.Authorizer.Where(token, Permission.NodesSchedule).ShouldBe([]);
    }

    [Fact]
    public async Task Who_has_not_finished_signing_in_may_nothing()
    {
        using var world = await AccessWorld.CreateAsync();

        foreach (var pending in new[] { "password_change", "second_factor", "anything" })
        {
            var caller = AccessWorld.Admin with { Pending = pending };
            May(world, caller, Permission.ContainersRead, "/Shared").ShouldBeFalse(pending);
            world.Authorizer.CheckAnywhere(caller, Permission.ContainersRead).ShouldBeOfType<ForbiddenError>();
            Authorizer.CheckOwn(caller).ShouldBeOfType<ForbiddenError>();
            world.Authorizer.CheckCovers(caller, PermissionSet.None, "/").ShouldBeOfType<ForbiddenError>();
        }
    }

    [Fact]
    public async Task Anonymous_callers_and_nodes_have_no_rights_even_when_everyone_has()
    {
        using var world = await AccessWorld.CreateAsync();
        (await world.Grants.CreateAsync(AccessWorld.Admin, new GrantRequest("everyone", "admin", "/"), default)).Must();

        world.Authorizer.Check(Caller.Anonymous("r", null), Permission.ContainersRead, "/").ShouldBeOfType<UnauthenticatedError>();
        May(world, AccessWorld.Admin with { Kind = CallerKind.Node, IsAdministrator = false }, Permission.ContainersRead, "/").ShouldBeFalse();
    }

    [Fact]
    public async Task Where_somebody_may_is_said_without_what_is_below()
    {
        using var world = await AccessWorld.CreateAsync();
        var alice = await world.UserAsync("alice");
        await world.CollectionAsync("/prod", "/prod/web", "/dev", "/dev/a");
        await world.GrantAsync("alice", "scheduler", "/prod");
        await world.GrantAsync("alice", "scheduler", "/prod/web");
        await world.GrantAsync("alice", "scheduler", "/dev/a");

        world.Authorizer.Where(alice, Permission.NodesSchedule).ShouldBe(["/dev/a", "/prod"]);
        world.Authorizer.AllWhere(alice, Permission.NodesSchedule).ShouldBe(["/dev/a", "/prod", "/prod/web"], ignoreOrder: true);
        world.Authorizer.Where(AccessWorld.Admin, Permission.NodesSchedule).ShouldBeNull();
        world.Authorizer.Where(alice, Permission.ContainersExec).ShouldBe([]);
    }

    [Fact]
    public async Task Nobody_may_take_over_an_account_with_more_rights()
    {
        using var world = await AccessWorld.CreateAsync();
        var helpdesk = await world.UserAsync("helpdesk");
        await world.UserAsync("alice");
        await world.UserAsync("bob");
        await world.CollectionAsync("/prod");
        await world.GrantAsync("helpdesk", "operator", "/prod");
        await world.GrantAsync("alice", "view-only", "/prod");
        await world.GrantAsync("bob", "full-control", "/prod");

        world.Authorizer.CheckCoversUser(helpdesk, "id-alice", false).ShouldBeNull();
        world.Authorizer.CheckCoversUser(helpdesk, "id-bob", false).ShouldBeOfType<ForbiddenError>().Code.ShouldBe("access.escalation");
        world.Authorizer.CheckCoversUser(helpdesk, "id-alice", true).ShouldBeOfType<ForbiddenError>();
        world.Authorizer.CheckCoversUser(AccessWorld.Admin, "id-bob", true).ShouldBeNull();
    }

    [Theory]
    [InlineData("/prod", true)]
    [InlineData("/prod/web", true)]
    [InlineData("/a.b-c_d/0", true)]
    [InlineData("/", false)]
    [InlineData("", false)]
    [InlineData("prod", false)]
    [InlineData("/prod/", false)]
    [InlineData("//prod", false)]
    [InlineData("/prod/web/deep", false)]
    [InlineData("/.hidden", false)]
    [InlineData("/..", false)]
    [InlineData("/-", false)]
    [InlineData("/a b", false)]
    [InlineData("/ä", false)]
    [InlineData("/a\n", false)]
    public void Paths_have_one_shape(string path, bool valid) => CollectionPath.IsValid(path).ShouldBe(valid);

    [Fact]
    public void There_is_room_for_every_right_and_each_has_one_name()
    {
        PermissionCatalog.All.Count.ShouldBeLessThanOrEqualTo(128);
        PermissionCatalog.All.Select(permission => permission.Name).Distinct().Count().ShouldBe(PermissionCatalog.All.Count);
        typeof(Permission).GetFields().Select(field => (string)field.GetRawConstantValue()!).ShouldBe(PermissionCatalog.All.Select(permission => permission.Name), ignoreOrder: true);
        foreach (var permission in PermissionCatalog.All)
        {
            PermissionSet.Of([permission.Name]).Names().ShouldBe([permission.Name]);
        }
    }

    [Fact]
    public void Built_in_roles_grow_from_one_to_the_next()
    {
        RoleDefinition Role(string id) => BuiltInRoles.All.Single(role => role.Id == id);
        var (view, operate, restricted, full, admin) = (Role("view-only"), Role("operator"), Role("restricted-control"), Role("full-control"), Role("admin"));

        operate.Permissions.Covers(view.Permissions).ShouldBeTrue();
        restricted.Permissions.Covers(operate.Permissions).ShouldBeTrue();
        full.Permissions.Covers(restricted.Permissions).ShouldBeTrue();
        admin.Permissions.Covers(full.Permissions).ShouldBeTrue();
        restricted.Permissions.Names().ShouldNotContain(name => name.StartsWith("host.", StringComparison.Ordinal));
        string[] reachingTheNode = [Permission.ContainersExec, Permission.ContainersCopyFrom, Permission.ContainersCopyTo, Permission.ContainersExport, Permission.ContainersCommit, Permission.ImagesBuild];
        restricted.Permissions.Names().Intersect(reachingTheNode).ShouldBeEmpty();
        full.Permissions.Names().ShouldNotContain(Permission.GrantsCreate);
        full.Permissions.Names().ShouldNotContain(name => name.StartsWith("users.", StringComparison.Ordinal) || name.StartsWith("settings.", StringComparison.Ordinal));
        Role("none").Permissions.IsEmpty.ShouldBeTrue();
    }

    private static bool May(AccessWorld world, Caller caller, string permission, string collection) =>
        world.Authorizer.Check(caller, permission, collection) is null;
}
