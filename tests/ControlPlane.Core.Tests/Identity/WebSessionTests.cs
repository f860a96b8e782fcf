using ControlPlane.Contracts.Rest.Settings;
using ControlPlane.Contracts.Rest.Users;
using ControlPlane.Core.Identity;
using ControlPlane.Core.Results;
using ControlPlane.TestKit.Databases;

namespace ControlPlane.Core.Tests.Identity;

public sealed class WebSessionTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Theory, DatabaseData]
    public async Task Of_too_many_sessions_the_one_used_longest_ago_goes(DatabaseKind kind)
    {
        using var world = await IdentityWorld.CreateAsync(kind);
        var admin = await world.AdministratorAsync();
        await world.AddAsync(admin, "anna");
        await world.Get<SignInSettingsService>().PutAsync(admin, new SignInSettingsRequest { SessionsPerUser = 2 }, 0, None);
        var tickets = new List<SessionTicket>();
        for (var at = 0; at < 3; at++)
        {
            tickets.Add((await world.LoginAsync("anna", IdentityWorld.Password)).Value);
            world.Clock.Advance(TimeSpan.FromMinutes(1));
            if (at == 1)
            {
                // The first is used again, so that the second is the older one.
                await world.FindAsync(tickets[0]);
                await world.Writer.FlushAsync(None);
            }
        }

        (await world.FindAsync(tickets[1])).ShouldBeNull();
        (await world.FindAsync(tickets[0])).ShouldNotBeNull();
        (await world.FindAsync(tickets[2])).ShouldNotBeNull();
    }

    [Theory, DatabaseData]
    public async Task Lifetimes_are_settings_and_hold_at_once(DatabaseKind kind)
    {
        using var world = await IdentityWorld.CreateAsync(kind);
        var admin = await world.AdministratorAsync();
        await world.AddAsync(admin, "anna");
        var ticket = (await world.LoginAsync("anna", IdentityWorld.Password)).Value;
        var settings = world.Get<SignInSettingsService>();

        (await settings.PutAsync(admin, new SignInSettingsRequest { IdleMinutes = 5 }, null, None)).Error.ShouldBeOfType<PreconditionError>();
        (await settings.PutAsync(admin, new SignInSettingsRequest { IdleMinutes = 4, SecondFactor = "never", BundleDays = 400 }, 0, None)).Error.ShouldBeOfType<InvalidError>().Fields.Count.ShouldBe(3);
        var saved = (await settings.PutAsync(admin, new SignInSettingsRequest { IdleMinutes = 5 }, 0, None)).Value;
        (await settings.PutAsync(admin, new SignInSettingsRequest(), saved.Revision + 1, None)).Error.ShouldBeOfType<PreconditionError>();
        world.Clock.Advance(TimeSpan.FromMinutes(5));

        (await world.FindAsync(ticket)).ShouldBeNull();
        var rules = new SignInRules();
        await rules.LoadAsync(world.Database, None);
        rules.Current.Idle.ShouldBe(TimeSpan.FromMinutes(5));
        (await settings.PutAsync(await world.SignedInAsync("anna"), new SignInSettingsRequest(), saved.Revision, None)).Error.ShouldBeOfType<ForbiddenError>();
    }

    [Theory, DatabaseData]
    public async Task A_pending_password_is_set_before_anything_else_and_the_session_gets_a_new_id(DatabaseKind kind)
    {
        using var world = await IdentityWorld.CreateAsync(kind);
        var admin = await world.AdministratorAsync();
        var made = (await world.Users.CreateAsync(admin, new UserCreateRequest { Name = "anna" }, None)).Value;
        var ticket = (await world.LoginAsync("anna", made.Password!)).Value;
        var pending = (await world.FindAsync(ticket))!;
        var steps = world.Get<PendingSignIn>();

        (await world.Get<UserSessions>().ListOwnAsync(pending, None)).Error.ShouldBeOfType<ForbiddenError>().Code.ShouldBe("auth.password_change_required");
        (await steps.PasswordAsync(pending, made.Password, None)).Error.ShouldBeOfType<InvalidError>();
        (await steps.PasswordAsync(pending, "short", None)).Error.ShouldBeOfType<InvalidError>();
        (await steps.SecondFactorAsync(pending, "123456", None)).Error.ShouldBeOfType<ConflictError>();
        var done = (await steps.PasswordAsync(pending, IdentityWorld.Password, None)).Value;

        done.Ticket.Pending.ShouldBeNull();
        (await world.FindAsync(ticket)).ShouldBeNull();
        (await steps.PasswordAsync((await world.FindAsync(done.Ticket))!, "another good password", None)).Error.ShouldBeOfType<ConflictError>();
        (await world.LoginAsync("anna", IdentityWorld.Password)).Value.Pending.ShouldBeNull();
    }

    [Theory, DatabaseData]
    public async Task A_password_change_ends_all_other_sessions(DatabaseKind kind)
    {
        using var world = await IdentityWorld.CreateAsync(kind);
        await world.AddAsync(await world.AdministratorAsync(), "anna");
        var other = (await world.LoginAsync("anna", IdentityWorld.Password)).Value;
        var mine = (await world.LoginAsync("anna", IdentityWorld.Password)).Value;
        var session = (await world.FindAsync(mine))!;
        var password = world.Get<OwnPassword>();

        (await password.ChangeAsync(session, "wrong password", "a new long password", None)).Error.ShouldBeOfType<InvalidError>().Fields.Single().Field.ShouldBe("currentPassword");
        (await password.ChangeAsync(session, IdentityWorld.Password, "annas-password", None)).Error.ShouldBeOfType<InvalidError>().Fields.Single().Field.ShouldBe("newPassword");
        var next = (await password.ChangeAsync(session, IdentityWorld.Password, "a new long password", None)).Value;

        (await world.FindAsync(other)).ShouldBeNull();
        (await world.FindAsync(mine)).ShouldBeNull();
        (await world.FindAsync(next)).ShouldNotBeNull();
        (await world.LoginAsync("anna", IdentityWorld.Password)).Error.ShouldBeOfType<UnauthenticatedError>();
        await world.WriteRefusalsAsync();
        world.AuditText().ShouldNotContain("a new long password");
    }

    [Theory, DatabaseData]
    public async Task Sessions_are_listed_and_ended_own_and_others(DatabaseKind kind)
    {
        using var world = await IdentityWorld.CreateAsync(kind);
        var admin = await world.AdministratorAsync();
        var anna = await world.AddAsync(admin, "anna");
        await world.AddAsync(admin, "bert");
        var other = (await world.LoginAsync("anna", IdentityWorld.Password)).Value;
        var session = await world.SignedInAsync("anna");
        var bert = await world.SignedInAsync("bert");
        var sessions = world.Get<UserSessions>();

        (await sessions.ListOwnAsync(session, None)).Value.Single(row => row.IsCurrent).Id.ShouldBe(session.CredentialId);
        (await sessions.EndOwnAsync(bert, other.SessionId, None)).Error.ShouldBeOfType<NotFoundError>();
        (await sessions.ListOfAsync(bert, anna.Id, None)).Error.ShouldBeOfType<ForbiddenError>();
        (await world.FindAsync(other)).ShouldNotBeNull();
        (await sessions.EndOwnAsync(session, null, None)).IsSuccess.ShouldBeTrue();
        (await world.FindAsync(other)).ShouldBeNull();
        (await sessions.ListOfAsync(admin, anna.Id, None)).Value.Count.ShouldBe(1);
        (await sessions.ListOfAsync(admin, "nobody", None)).Error.ShouldBeOfType<NotFoundError>();
        (await sessions.EndOfAsync(admin, anna.Id, bert.CredentialId, None)).Error.ShouldBeOfType<NotFoundError>();
        (await sessions.EndOfAsync(admin, anna.Id, null, None)).IsSuccess.ShouldBeTrue();
        (await sessions.ListOfAsync(admin, anna.Id, None)).Value.ShouldBeEmpty();
    }

    [Theory, DatabaseData]
    public async Task A_provider_ends_the_sessions_that_stand_behind_its_own(DatabaseKind kind)
    {
        using var world = await IdentityWorld.CreateAsync(kind);
        var anna = await world.AddAsync(await world.AdministratorAsync(), "anna");
        var one = (await world.SignIn.OpenAsync(anna.Id, new OpenSession("oidc:a", null, null, "r", "s1"), None)).Value;
        var two = (await world.SignIn.OpenAsync(anna.Id, new OpenSession("oidc:a", null, null, "r", "s2"), None)).Value;
        var local = (await world.LoginAsync("anna", IdentityWorld.Password)).Value;
        var sessions = world.Get<UserSessions>();

        (await sessions.EndByProviderAsync("oidc:b", "s1", null, None)).ShouldBe(0);
        (await sessions.EndByProviderAsync("oidc:a", "s1", null, None)).ShouldBe(1);
        (await world.FindAsync(one)).ShouldBeNull();
        (await world.FindAsync(two)).ShouldNotBeNull();
        (await sessions.EndByProviderAsync("oidc:a", null, anna.Id, None)).ShouldBe(1);
        (await sessions.EndByProviderAsync("oidc:a", null, null, None)).ShouldBe(0);
        (await world.FindAsync(local)).ShouldNotBeNull();
    }

    [Theory, DatabaseData]
    public async Task Signing_in_does_not_change_the_revision_and_shows_when(DatabaseKind kind)
    {
        using var world = await IdentityWorld.CreateAsync(kind);
        var admin = await world.AdministratorAsync();
        var anna = await world.AddAsync(admin, "anna");

        await world.SignedInAsync("anna");

        var after = (await world.Get<UserQueries>().GetAsync(admin, anna.Id, None)).Value;
        after.Revision.ShouldBe(anna.Revision);
        after.LastSignInAt.ShouldBe(world.Clock.GetUtcNow().UtcDateTime);
    }
}
