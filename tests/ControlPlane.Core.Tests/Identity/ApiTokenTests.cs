using ControlPlane.Core.Access;
using ControlPlane.Core.Identity;
using ControlPlane.Core.Results;
using ControlPlane.TestKit.Databases;

namespace ControlPlane.Core.Tests.Identity;

public sealed class ApiTokenTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Theory, DatabaseData]
    public async Task A_token_works_until_it_is_revoked_and_shows_its_last_use(DatabaseKind kind)
    {
        using var world = await IdentityWorld.CreateAsync(kind);
        var admin = await world.AdministratorAsync();
        var created = (await world.Tokens.CreateAsync(admin, new NewApiToken { Name = "ci" }, null, None)).Value;
        (created.ExpiresAt - created.CreatedAt).ShouldBe(TimeSpan.FromDays(90));

        (await world.Tokens.FindAsync(created.Token, "10.0.0.9", None))!.CredentialId.ShouldBe(created.Id);
        await world.Writer.FlushAsync(None);
        (await world.Tokens.ListAsync(admin, None)).Value.Single(token => token.Id == created.Id).ShouldSatisfyAllConditions(
            token => token.LastUsedAt.ShouldBe(world.Clock.GetUtcNow().UtcDateTime),
            token => token.LastUsedAddress.ShouldBe("10.0.0.9"));
        (await world.Tokens.RevokeAsync(admin, created.Id, None)).IsSuccess.ShouldBeTrue();

        (await world.Tokens.FindAsync(created.Token, "10.0.0.9", None)).ShouldBeNull();
        (await world.Tokens.RevokeAsync(admin, created.Id, None)).Error.ShouldBeOfType<NotFoundError>();
    }

    [Theory, DatabaseData]
    public async Task A_token_ends_on_its_day(DatabaseKind kind)
    {
        using var world = await IdentityWorld.CreateAsync(kind);
        var created = (await world.Tokens.CreateAsync(await world.AdministratorAsync(), new NewApiToken { Name = "short", ExpiresInDays = 1 }, null, None)).Value;

        world.Clock.Advance(TimeSpan.FromDays(1));

        (await world.Tokens.FindAsync(created.Token, "10.0.0.9", None)).ShouldBeNull();
    }

    [Theory, DatabaseData]
    public async Task A_token_is_limited_to_its_rights_and_its_collection_within_its_owners(DatabaseKind kind)
    {
        using var world = await IdentityWorld.CreateAsync(kind);
        var anna = await world.AddAsync(await world.AdministratorAsync(), "anna");
        var role = await world.RoleAsync("reader", Permission.ContainersRead, Permission.ContainersLogs);
        await world.GrantAsync(anna.Id, role, "/Shared");
        var session = await world.SignedInAsync("anna");
        var wanted = new NewApiToken { Name = "ci", Permissions = [Permission.ContainersRead, Permission.ContainersKill], Collection = "/Shared" };
        var token = (await world.Tokens.CreateAsync(session, wanted, null, None)).Value;

        var caller = (await world.Tokens.FindAsync(token.Token, null, None))!;

        var authorizer = world.Get<Authorizer>();
        authorizer.Check(caller, Permission.ContainersRead, "/Shared").ShouldBeNull();
        authorizer.Check(caller, Permission.ContainersLogs, "/Shared").ShouldNotBeNull();
        authorizer.Check(caller, Permission.ContainersKill, "/Shared").ShouldNotBeNull();
        authorizer.Check(caller, Permission.ContainersRead, "/Unmanaged").ShouldNotBeNull();
        (await world.Tokens.CreateAsync(caller, new NewApiToken { Name = "more" }, null, None)).Error.ShouldBeOfType<ForbiddenError>().Code.ShouldBe("access.token_limited");
    }

    [Theory]
    [InlineData("permissions")]
    [InlineData("unknown")]
    [InlineData("collection")]
    [InlineData("networks")]
    [InlineData("many")]
    public async Task Limits_that_are_none_are_refused(string what)
    {
        using var world = await IdentityWorld.CreateAsync(DatabaseKind.Sqlite);
        var wanted = new NewApiToken
        {
            Name = "x",
            Permissions = what switch { "permissions" => [], "unknown" => ["containers.fly"], _ => null },
            Collection = what == "collection" ? "/nowhere" : null,
            Networks = what switch { "networks" => ["10.0.0.0/33"], "many" => [.. Enumerable.Repeat("10.0.0.1", 33)], _ => null },
        };

        (await world.Tokens.CreateAsync(await world.AdministratorAsync(), wanted, null, None)).Error.ShouldBeOfType<InvalidError>();
    }

    [Theory, DatabaseData]
    public async Task A_token_shown_from_outside_of_its_networks_is_nobodys_and_that_is_told_once_a_minute(DatabaseKind kind)
    {
        using var world = await IdentityWorld.CreateAsync(kind);
        var wanted = new NewApiToken { Name = "ci", Networks = ["10.1.0.0/16", "2001:db8::/32", "192.0.2.7"] };
        var token = (await world.Tokens.CreateAsync(await world.AdministratorAsync(), wanted, null, None)).Value;

        foreach (var inside in new[] { "10.1.200.3", "2001:db8::5", "192.0.2.7" })
        {
            (await world.Tokens.FindAsync(token.Token, inside, None)).ShouldNotBeNull(inside);
        }

        foreach (var outside in new[] { "10.2.0.1", "2001:db9::5", "192.0.2.8", null })
        {
            (await world.Tokens.FindAsync(token.Token, outside, None)).ShouldBeNull(outside);
        }

        (await CountRefusedAsync()).ShouldBe(1);
        world.Clock.Advance(TimeSpan.FromMinutes(1));
        await world.Tokens.FindAsync(token.Token, "10.2.0.1", None);
        (await CountRefusedAsync()).ShouldBe(2);

        async Task<int> CountRefusedAsync()
        {
            await world.WriteRefusalsAsync();
            await using var db = world.Database.CreateDbContext();
            return db.Audit.Where(entry => entry.Action == "tokens.use" && entry.Result == "refused" && entry.ObjectId == token.Id).Sum(entry => entry.Count);
        }
    }

    [Theory, DatabaseData]
    public async Task A_token_dies_with_its_owners_account(DatabaseKind kind)
    {
        using var world = await IdentityWorld.CreateAsync(kind);
        var admin = await world.AdministratorAsync();
        var anna = await world.AddAsync(admin, "anna");
        var token = (await world.Tokens.CreateAsync(await world.SignedInAsync("anna"), new NewApiToken { Name = "ci" }, null, None)).Value;
        (await world.Tokens.FindAsync(token.Token, null, None)).ShouldNotBeNull();

        await world.Users.UpdateAsync(admin, anna.Id, new() { Disabled = true }, anna.Revision, None);
        (await world.Tokens.FindAsync(token.Token, null, None)).ShouldBeNull();

        await world.Users.UpdateAsync(admin, anna.Id, new() { Disabled = false }, -1, None);
        (await world.Tokens.FindAsync(token.Token, null, None)).ShouldNotBeNull();
        await world.Users.DeleteAsync(admin, anna.Id, null, None);
        (await world.Tokens.FindAsync(token.Token, null, None)).ShouldBeNull();
    }

    [Theory, DatabaseData]
    public async Task An_exchanged_token_lasts_an_hour_at_most_and_is_in_no_list(DatabaseKind kind)
    {
        using var world = await IdentityWorld.CreateAsync(kind);
        var admin = await world.AdministratorAsync();
        var robot = await world.AddAsync(admin, "robot", kind: "service");

        (await world.Tokens.IssueExchangedAsync(robot.Id, null, null, TimeSpan.FromMinutes(61), "job", None)).Error.ShouldBeOfType<InvalidError>();
        var token = (await world.Tokens.IssueExchangedAsync(robot.Id, [Permission.ContainersRead], null, TimeSpan.FromMinutes(10), "job 7", None)).Value;
        (await world.Tokens.FindAsync(token.Token, null, None))!.Scope.ShouldNotBeNull();
        (await world.Get<UserTokens>().ListOfAsync(admin, robot.Id, None)).Value.ShouldBeEmpty();
        world.Clock.Advance(TimeSpan.FromMinutes(10));

        (await world.Tokens.FindAsync(token.Token, null, None)).ShouldBeNull();
        await world.Users.UpdateAsync(admin, robot.Id, new() { Disabled = true }, -1, None);
        (await world.Tokens.IssueExchangedAsync(robot.Id, null, null, TimeSpan.FromMinutes(10), "job 8", None)).Error.ShouldBeOfType<ForbiddenError>();
    }

    [Theory, DatabaseData]
    public async Task A_service_account_has_no_password_and_gets_its_tokens_from_who_may_change_it(DatabaseKind kind)
    {
        using var world = await IdentityWorld.CreateAsync(kind);
        var admin = await world.AdministratorAsync();
        var robot = await world.AddAsync(admin, "robot", kind: "service");
        var anna = await world.AddAsync(admin, "anna");
        robot.OwnerName.ShouldBe("admin");
        var tokens = world.Get<UserTokens>();

        var token = (await tokens.CreateAsync(admin, robot.Id, new NewApiToken { Name = "deploy" }, None)).Value;
        (await world.Tokens.FindAsync(token.Token, null, None))!.Name.ShouldBe("robot");
        (await tokens.CreateAsync(admin, anna.Id, new NewApiToken { Name = "x" }, None)).Error.ShouldBeOfType<ConflictError>().Code.ShouldBe("user.not_service");
        (await tokens.CreateAsync(await world.SignedInAsync("anna"), robot.Id, new NewApiToken { Name = "x" }, None)).Error.ShouldBeOfType<ForbiddenError>();
        (await world.SignIn.OpenAsync(robot.Id, new OpenSession("password", null, null, "r", null), None)).Error.ShouldBeOfType<UnauthenticatedError>();
        (await world.Users.ResetPasswordAsync(admin, robot.Id, None)).Error.ShouldBeOfType<ConflictError>();

        (await tokens.ListAllAsync(admin, new() { Text = "deploy" }, None)).Value.Items.Single().UserName.ShouldBe("robot");
        (await tokens.RevokeAsync(admin, robot.Id, token.Id, None)).IsSuccess.ShouldBeTrue();
        (await world.Tokens.FindAsync(token.Token, null, None)).ShouldBeNull();
    }

    [Fact]
    public async Task A_token_of_somebody_else_does_not_exist_for_me()
    {
        using var world = await IdentityWorld.CreateAsync(DatabaseKind.Sqlite);
        var admin = await world.AdministratorAsync();
        await world.AddAsync(admin, "anna");
        await world.AddAsync(admin, "bert");
        var token = (await world.Tokens.CreateAsync(await world.SignedInAsync("anna"), new NewApiToken { Name = "ci" }, null, None)).Value;

        (await world.Tokens.RevokeAsync(await world.SignedInAsync("bert"), token.Id, None)).Error.ShouldBeOfType<NotFoundError>();
        (await world.Tokens.FindAsync(token.Token, null, None)).ShouldNotBeNull();
    }

    [Fact]
    public async Task A_browser_that_signed_in_a_while_ago_shows_the_password_again()
    {
        using var world = await IdentityWorld.CreateAsync(DatabaseKind.Sqlite);
        await world.AddAsync(await world.AdministratorAsync(), "anna");
        var session = await world.SignedInAsync("anna");
        world.Clock.Advance(TimeSpan.FromMinutes(15));

        var wanted = new NewApiToken { Name = "ci" };
        (await world.Tokens.CreateAsync(session, wanted, null, None)).Error.ShouldBeOfType<ForbiddenError>().Code.ShouldBe("auth.fresh_required");
        (await world.Tokens.CreateAsync(session, wanted, "not the password", None)).Error.ShouldBeOfType<InvalidError>().Fields.Single().Field.ShouldBe("currentPassword");
        (await world.Tokens.CreateAsync(session, wanted, IdentityWorld.Password, None)).IsSuccess.ShouldBeTrue();
        for (var guess = 0; guess < 5; guess++)
        {
            await world.Tokens.CreateAsync(session, wanted, "not the password", None);
        }

        (await world.Tokens.CreateAsync(session, wanted, IdentityWorld.Password, None)).Error.ShouldBeOfType<ThrottledError>();
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("a\nb")]
    public async Task Names_must_be_fit_to_read(string? name)
    {
        using var world = await IdentityWorld.CreateAsync(DatabaseKind.Sqlite);

        (await world.Tokens.CreateAsync(await world.AdministratorAsync(), new NewApiToken { Name = name }, null, None)).Error.ShouldBeOfType<InvalidError>();
    }

    [Fact]
    public void A_typo_is_no_token()
    {
        var text = ApiTokenText.Create().ToString();
        ApiTokenText.TryParse(text, out _).ShouldBeTrue();

        for (var at = 4; at < text.Length; at++)
        {
            var typo = text[..at] + (text[at] == '0' ? '1' : '0') + text[(at + 1)..];
            ApiTokenText.TryParse(typo, out _).ShouldBeFalse();
        }
    }
}
