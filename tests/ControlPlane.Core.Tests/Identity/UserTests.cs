using ControlPlane.Contracts.Rest.Users;
using ControlPlane.Core.Access;
using ControlPlane.Core.Identity;
using ControlPlane.Core.Lists;
using ControlPlane.Core.Results;
using ControlPlane.TestKit.Databases;
using Microsoft.EntityFrameworkCore;

namespace ControlPlane.Core.Tests.Identity;

public sealed class UserTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Theory, DatabaseData]
    public async Task An_account_is_made_with_a_password_that_has_to_be_changed(DatabaseKind kind)
    {
        using var world = await IdentityWorld.CreateAsync(kind);
        var admin = await world.AdministratorAsync();

        var made = (await world.Users.CreateAsync(admin, new UserCreateRequest { Name = "Anna", FullName = " Anna Berg ", Email = "anna@example.com" }, None)).Value;

        made.User.FullName.ShouldBe("Anna Berg");
        made.User.MustChangePassword.ShouldBeTrue();
        made.ToString().ShouldNotContain(made.Password!);
        (await world.LoginAsync("anna", made.Password!)).Value.Pending.ShouldBe(PendingStep.PasswordChange);
        world.AuditText().ShouldNotContain(made.Password!);
        (await world.Users.CreateAsync(admin, new UserCreateRequest { Name = "ANNA" }, None)).Error.ShouldBeOfType<ConflictError>().Code.ShouldBe("account.name_taken");
    }

    [Theory]
    [InlineData("name", "an na", null, null, null, null)]
    [InlineData("name", "", null, null, null, null)]
    [InlineData("kind", "anna", "robot", null, null, null)]
    [InlineData("email", "anna", null, "nobody", null, null)]
    [InlineData("password", "anna", null, null, "password1", null)]
    [InlineData("password", "robot", "service", null, "correct horse battery", null)]
    [InlineData("defaultCollection", "anna", null, null, null, "/nowhere")]
    public async Task What_is_no_account_is_refused_by_its_field(string field, string name, string? kind, string? email, string? password, string? collection)
    {
        using var world = await IdentityWorld.CreateAsync(DatabaseKind.Sqlite);
        var request = new UserCreateRequest { Name = name, Kind = kind, Email = email, Password = password, DefaultCollection = collection };

        (await world.Users.CreateAsync(await world.AdministratorAsync(), request, None)).Error.ShouldBeOfType<InvalidError>().Fields.Single().Field.ShouldBe(field);
    }

    [Theory, DatabaseData]
    public async Task The_last_administrator_stays(DatabaseKind kind)
    {
        using var world = await IdentityWorld.CreateAsync(kind);
        var admin = await world.AdministratorAsync();
        var only = (await world.Get<UserQueries>().GetAsync(admin, admin.Id, None)).Value;

        foreach (var patch in new[] { new UserPatch { Disabled = true }, new UserPatch { IsAdministrator = false } })
        {
            (await world.Users.UpdateAsync(admin, admin.Id, patch, only.Revision, None)).Error.ShouldBeOfType<ConflictError>().Code.ShouldBe("user.last_administrator");
        }

        (await world.Users.DeleteAsync(admin, admin.Id, null, None)).Error.ShouldBeOfType<ConflictError>();
        await using (var db = world.Database.CreateDbContext())
        {
            (await LastAdministrator.CheckAsync(db, admin.Id, None)).ShouldNotBeNull();
        }

        var second = await world.AddAsync(admin, "second", isAdministrator: true);
        (await world.Users.UpdateAsync(admin, admin.Id, new UserPatch { IsAdministrator = false }, only.Revision, None)).IsSuccess.ShouldBeTrue();
        (await world.Users.DeleteAsync(Caller.System("test"), second.Id, null, None)).Error.ShouldBeOfType<ConflictError>();
    }

    [Theory, DatabaseData]
    public async Task Two_administrators_cannot_remove_each_other_at_once(DatabaseKind kind)
    {
        using var world = await IdentityWorld.CreateAsync(kind);
        var admin = await world.AdministratorAsync();
        var second = await world.AddAsync(admin, "second", isAdministrator: true);

        var other = await world.SignedInAsync("second");

        var ends = await Task.WhenAll(
            world.Users.UpdateAsync(admin, second.Id, new UserPatch { Disabled = true }, -1, None),
            world.Users.UpdateAsync(other, admin.Id, new UserPatch { Disabled = true }, -1, None));

        ends.Count(end => end.IsSuccess).ShouldBe(1);
        await using var db = world.Database.CreateDbContext();
        (await db.Users.CountAsync(user => user.IsAdministrator && user.DisabledAt == null)).ShouldBe(1);
    }

    [Theory, DatabaseData]
    public async Task Nobody_takes_over_who_has_more_than_they(DatabaseKind kind)
    {
        using var world = await IdentityWorld.CreateAsync(kind);
        var admin = await world.AdministratorAsync();
        var helpdesk = await world.AddAsync(admin, "helpdesk");
        await world.GrantAsync(helpdesk.Id, await world.RoleAsync("desk", Permission.UsersRead, Permission.UsersUpdate, Permission.UsersCreate, Permission.UsersRemove), Collections.System);
        var strong = await world.AddAsync(admin, "strong");
        await world.GrantAsync(strong.Id, await world.RoleAsync("killer", Permission.ContainersKill), "/Shared");
        var weak = await world.AddAsync(admin, "weak");
        var desk = await world.SignedInAsync("helpdesk");

        (await world.Users.ResetPasswordAsync(desk, weak.Id, None)).IsSuccess.ShouldBeTrue();
        foreach (var id in new[] { strong.Id, admin.Id })
        {
            (await world.Users.ResetPasswordAsync(desk, id, None)).Error.ShouldBeOfType<ForbiddenError>().Code.ShouldBe("access.escalation");
            (await world.Users.ResetSecondFactorAsync(desk, id, None)).Error.ShouldBeOfType<ForbiddenError>();
            (await world.Users.DeleteAsync(desk, id, null, None)).Error.ShouldBeOfType<ForbiddenError>();
            (await world.Get<UserSessions>().EndOfAsync(desk, id, null, None)).Error.ShouldBeOfType<ForbiddenError>();
        }

        (await world.Users.UpdateAsync(desk, weak.Id, new UserPatch { IsAdministrator = true }, -1, None)).Error.ShouldBeOfType<ForbiddenError>();
        (await world.Users.UpdateAsync(desk, helpdesk.Id, new UserPatch { IsAdministrator = true }, -1, None)).Error.ShouldBeOfType<ForbiddenError>();
        (await world.Users.CreateAsync(desk, new UserCreateRequest { Name = "x", IsAdministrator = true }, None)).Error.ShouldBeOfType<ForbiddenError>();
        await world.WriteRefusalsAsync();
        await using var db = world.Database.CreateDbContext();
        (await db.Audit.Where(entry => entry.Result == "refused" && entry.ActorName == "helpdesk").SumAsync(entry => entry.Count)).ShouldBe(11);
    }

    [Theory, DatabaseData]
    public async Task Disabling_ends_sessions_at_once_and_enabling_brings_none_back(DatabaseKind kind)
    {
        using var world = await IdentityWorld.CreateAsync(kind);
        var admin = await world.AdministratorAsync();
        var anna = await world.AddAsync(admin, "anna");
        var ticket = (await world.LoginAsync("anna", IdentityWorld.Password)).Value;
        (await world.FindAsync(ticket)).ShouldNotBeNull();

        var disabled = (await world.Users.UpdateAsync(admin, anna.Id, new UserPatch { Disabled = true }, anna.Revision, None)).Value;

        disabled.DisabledBy.ShouldBe("admin");
        (await world.FindAsync(ticket)).ShouldBeNull();
        (await world.SignIn.OpenAsync(anna.Id, new OpenSession("oidc:x", null, null, "r", null), None)).Error.ShouldBeOfType<ForbiddenError>().Code.ShouldBe("account.disabled");
        await world.Users.UpdateAsync(admin, anna.Id, new UserPatch { Disabled = false }, disabled.Revision, None);
        (await world.FindAsync(ticket)).ShouldBeNull();
        (await world.LoginAsync("anna", IdentityWorld.Password)).IsSuccess.ShouldBeTrue();
    }

    [Theory, DatabaseData]
    public async Task A_change_names_the_revision_that_was_seen(DatabaseKind kind)
    {
        using var world = await IdentityWorld.CreateAsync(kind);
        var admin = await world.AdministratorAsync();
        var anna = await world.AddAsync(admin, "anna");
        var patch = new UserPatch { FullName = "Anna" };

        (await world.Users.UpdateAsync(admin, anna.Id, patch, null, None)).Error.ShouldBeOfType<PreconditionError>().Missing.ShouldBeTrue();
        (await world.Users.UpdateAsync(admin, anna.Id, patch, anna.Revision, None)).IsSuccess.ShouldBeTrue();
        (await world.Users.UpdateAsync(admin, anna.Id, patch, anna.Revision, None)).Error.ShouldBeOfType<PreconditionError>().Missing.ShouldBeFalse();
        (await world.Users.DeleteAsync(admin, anna.Id, anna.Revision, None)).Error.ShouldBeOfType<PreconditionError>();
        (await world.Users.UpdateAsync(admin, "nobody", patch, -1, None)).Error.ShouldBeOfType<NotFoundError>();
    }

    [Theory, DatabaseData]
    public async Task A_deleted_account_leaves_nothing_that_counts(DatabaseKind kind)
    {
        using var world = await IdentityWorld.CreateAsync(kind);
        var admin = await world.AdministratorAsync();
        var anna = await world.AddAsync(admin, "anna");
        await world.GrantAsync(anna.Id, "admin", "/Shared");
        await world.SignedInAsync("anna");

        (await world.Users.DeleteAsync(admin, anna.Id, anna.Revision, None)).IsSuccess.ShouldBeTrue();

        await using var db = world.Database.CreateDbContext();
        (await db.Sessions.CountAsync() + await db.Grants.CountAsync()).ShouldBe(0);
        world.Get<AccessStore>().Current.Grants.ShouldBeEmpty();
        (await world.LoginAsync("anna", IdentityWorld.Password)).Error.ShouldBeOfType<UnauthenticatedError>();
    }

    [Theory, DatabaseData]
    public async Task Lists_filter_search_sort_and_page(DatabaseKind kind)
    {
        using var world = await IdentityWorld.CreateAsync(kind);
        var admin = await world.AdministratorAsync();
        foreach (var name in new[] { "dora", "anna", "carl", "Bert" })
        {
            await world.AddAsync(admin, name);
            world.Clock.Advance(TimeSpan.FromSeconds(1));
        }

        var robot = await world.AddAsync(admin, "robot", kind: "service");
        await world.Users.UpdateAsync(admin, robot.Id, new UserPatch { Disabled = true, FullName = "The Robot" }, robot.Revision, None);
        var queries = world.Get<UserQueries>();

        (await NamesAsync(new UserFilter())).ShouldBe(["admin", "anna", "Bert", "carl", "dora", "robot"]);
        (await NamesAsync(new UserFilter { Kinds = ["service"] })).ShouldBe(["robot"]);
        (await NamesAsync(new UserFilter { States = ["active"], Administrators = ["false"] })).ShouldBe(["anna", "Bert", "carl", "dora"]);
        (await NamesAsync(new UserFilter { Sources = ["ldap"] })).ShouldBeEmpty();
        (await NamesAsync(new UserFilter { List = new ListRequest { Text = "THE ROBOT" } })).ShouldBe(["robot"]);
        (await NamesAsync(new UserFilter { List = new ListRequest { SortKey = "created", Descending = true, Limit = 2 } })).ShouldBe(["robot", "Bert"]);
        var first = (await queries.ListAsync(admin, new UserFilter { List = new ListRequest { Limit = 4 } }, None)).Value;
        first.Total.ShouldBe(6);
        (await NamesAsync(new UserFilter { List = new ListRequest { Limit = 4, Cursor = first.NextCursor } })).ShouldBe(["dora", "robot"]);
        (await queries.ListAsync(admin, new UserFilter { Kinds = ["cat"] }, None)).Error.ShouldBeOfType<InvalidError>();
        (await queries.ListAsync(await world.SignedInAsync("anna"), new UserFilter(), None)).Error.ShouldBeOfType<ForbiddenError>();

        async Task<IEnumerable<string>> NamesAsync(UserFilter filter) => (await queries.ListAsync(admin, filter, None)).Value.Items.Select(user => user.Name);
    }

    [Fact]
    public async Task What_the_directory_keeps_is_not_changed_here()
    {
        using var world = await IdentityWorld.CreateAsync(DatabaseKind.Sqlite);
        var admin = await world.AdministratorAsync();
        var anna = await world.AddAsync(admin, "anna");
        await using (var db = world.Database.CreateDbContext())
        {
            await db.Users.Where(user => user.Id == anna.Id).ExecuteUpdateAsync(user => user.SetProperty(u => u.Source, "ldap"));
        }

        (await world.Users.UpdateAsync(admin, anna.Id, new UserPatch { FullName = "x", Email = "x@y.z" }, -1, None)).Error.ShouldBeOfType<InvalidError>().Fields.Count.ShouldBe(2);
        (await world.Users.ResetPasswordAsync(admin, anna.Id, None)).Error.ShouldBeOfType<ConflictError>().Code.ShouldBe("user.no_password");
        (await world.Users.UpdateAsync(admin, anna.Id, new UserPatch { DefaultCollection = "/Unmanaged" }, -1, None)).IsSuccess.ShouldBeTrue();
    }

    [Theory, DatabaseData]
    public async Task The_servers_own_machine_brings_an_administrator_back(DatabaseKind kind)
    {
        using var world = await IdentityWorld.CreateAsync(kind);
        var admin = await world.AdministratorAsync();
        var shell = Caller.System("command-line");
        (await world.Accounts.ResetPasswordAsync(shell, "nobody", None)).Error.ShouldBeOfType<NotFoundError>();
        await using (var db = world.Database.CreateDbContext())
        {
            await db.Users.ExecuteUpdateAsync(user => user.SetProperty(u => u.IsAdministrator, false).SetProperty(u => u.DisabledAt, world.Clock.GetUtcNow().UtcDateTime));
        }

        var password = (await world.Accounts.ResetPasswordAsync(shell, "admin", None)).Value;
        (await world.SignedInAsync("admin", password)).IsAdministrator.ShouldBeTrue();
        await using (var db = world.Database.CreateDbContext())
        {
            await db.Users.Where(user => user.Id == admin.Id).ExecuteDeleteAsync();
        }

        var again = (await world.Accounts.ResetPasswordAsync(shell, "rescue", None)).Value;
        (await world.SignedInAsync("rescue", again)).IsAdministrator.ShouldBeTrue();
        world.AuditText().ShouldContain("none was left");
        world.AuditText().ShouldNotContain(again);
    }

    [Fact]
    public async Task The_servers_own_machine_enables_and_takes_a_second_factor_away()
    {
        using var world = await IdentityWorld.CreateAsync(DatabaseKind.Sqlite);
        var admin = await world.AdministratorAsync();
        var anna = await world.AddAsync(admin, "anna");
        await SecondFactorTests.EnableAsync(world, "anna");
        await world.Users.UpdateAsync(admin, anna.Id, new UserPatch { Disabled = true }, -1, None);
        var shell = Caller.System("command-line");

        (await world.Accounts.EnableAsync(shell, "anna", None)).IsSuccess.ShouldBeTrue();
        (await world.LoginAsync("anna", IdentityWorld.Password)).Value.Pending.ShouldBe(PendingStep.SecondFactor);
        (await world.Accounts.ResetSecondFactorAsync(shell, "anna", None)).IsSuccess.ShouldBeTrue();
        (await world.LoginAsync("anna", IdentityWorld.Password)).Value.Pending.ShouldBeNull();
        (await world.Accounts.EnableAsync(shell, "nobody", None)).Error.ShouldBeOfType<NotFoundError>();
    }
}
