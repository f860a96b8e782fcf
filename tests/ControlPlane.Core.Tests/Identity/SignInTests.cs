using System.Security.Cryptography;
using ControlPlane.Core.Access;
using ControlPlane.Core.Identity;
using ControlPlane.Core.Results;
using ControlPlane.TestKit.Databases;
using Microsoft.EntityFrameworkCore;

namespace ControlPlane.Core.Tests.Identity;

public sealed class SignInTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Theory, DatabaseData]
    public async Task The_first_start_makes_one_administrator_and_a_token_once(DatabaseKind kind)
    {
        using var world = await IdentityWorld.CreateAsync(kind);

        var first = await world.Accounts.CreateFirstAsync(None);
        var again = await world.Accounts.CreateFirstAsync(None);

        first.ShouldNotBeNull();
        first.Password.Length.ShouldBeGreaterThanOrEqualTo(20);
        again.ShouldBeNull();
        (await world.Tokens.FindAsync(first.Token, null, None))!.IsAdministrator.ShouldBeTrue();
        first.ToString().ShouldNotContain(first.Password);
    }

    [Theory, DatabaseData]
    public async Task A_password_opens_a_session_and_a_session_ends(DatabaseKind kind)
    {
        using var world = await IdentityWorld.CreateAsync(kind);
        var first = (await world.Accounts.CreateFirstAsync(None))!;

        var ticket = (await world.LoginAsync("Admin", first.Password)).Value;
        var caller = await world.Sessions.FindAsync(ticket.CookieValue, None);
        caller.ShouldNotBeNull().Name.ShouldBe("admin");
        await world.SignIn.SignOutAsync(caller, None);

        (await world.Sessions.FindAsync(ticket.CookieValue, None)).ShouldBeNull();
    }

    [Theory, DatabaseData]
    public async Task Sessions_end_when_idle_or_old(DatabaseKind kind)
    {
        using var world = await IdentityWorld.CreateAsync(kind);
        var first = (await world.Accounts.CreateFirstAsync(None))!;
        var idle = (await world.LoginAsync("admin", first.Password)).Value;
        world.Clock.Advance(SignInSettings.Default.Idle);
        (await world.Sessions.FindAsync(idle.CookieValue, None)).ShouldBeNull();

        var busy = (await world.LoginAsync("admin", first.Password)).Value;
        for (var hours = 0; hours < 7 * 24; hours += 8)
        {
            (await world.Sessions.FindAsync(busy.CookieValue, None)).ShouldNotBeNull();
            await world.Writer.FlushAsync(None);
            world.Clock.Advance(TimeSpan.FromHours(8));
        }

        (await world.Sessions.FindAsync(busy.CookieValue, None)).ShouldBeNull();
    }

    [Theory, DatabaseData]
    public async Task A_reset_password_ends_sessions_and_is_audited(DatabaseKind kind)
    {
        using var world = await IdentityWorld.CreateAsync(kind);
        var first = (await world.Accounts.CreateFirstAsync(None))!;
        var ticket = (await world.LoginAsync("admin", first.Password)).Value;
        (await world.Sessions.FindAsync(ticket.CookieValue, None)).ShouldNotBeNull();

        var password = (await world.Accounts.ResetPasswordAsync(Caller.System("test"), "admin", None)).Value;

        (await world.Sessions.FindAsync(ticket.CookieValue, None)).ShouldBeNull();
        (await world.LoginAsync("admin", first.Password)).Error.ShouldBeOfType<UnauthenticatedError>();
        (await world.LoginAsync("admin", password)).IsSuccess.ShouldBeTrue();
        await using var db = world.Database.CreateDbContext();
        (await db.Audit.CountAsync(entry => entry.Action == "users.reset_password")).ShouldBe(1);
    }

    [Theory, DatabaseData]
    public async Task A_wrong_name_and_a_wrong_password_answer_alike(DatabaseKind kind)
    {
        using var world = await IdentityWorld.CreateAsync(kind);
        await world.Accounts.CreateFirstAsync(None);

        var wrongName = (await world.LoginAsync("nobody", "not the password")).Error;
        var wrongPassword = (await world.LoginAsync("admin", "not the password")).Error;

        wrongName.ShouldBe(wrongPassword);
    }

    [Theory]
    [InlineData("")]
    [InlineData("        ")]
    [InlineData("short")]
    [InlineData("with\0nul-inside")]
    public async Task Passwords_that_cannot_be_are_refused(string password)
    {
        using var world = await IdentityWorld.CreateAsync(DatabaseKind.Sqlite);
        await world.Accounts.CreateFirstAsync(None);

        (await world.LoginAsync("admin", password)).Error.ShouldBeOfType<UnauthenticatedError>();
        PasswordHash.IsPlausible(password).ShouldBeFalse();
    }

    [Fact]
    public async Task Guessing_is_slowed_by_account_and_the_pause_grows()
    {
        using var world = await IdentityWorld.CreateAsync(DatabaseKind.Sqlite);
        var first = (await world.Accounts.CreateFirstAsync(None))!;
        for (var attempt = 0; attempt < 5; attempt++)
        {
            (await world.LoginAsync("admin", "wrong password", $"10.0.0.{attempt}")).Error.ShouldBeOfType<UnauthenticatedError>();
        }

        var refused = (await world.LoginAsync("admin", first.Password, "10.0.1.1")).Error.ShouldBeOfType<ThrottledError>();
        refused.RetryAfterSeconds.ShouldBe(15);
        world.Clock.Advance(TimeSpan.FromSeconds(15));
        for (var attempt = 0; attempt < 5; attempt++)
        {
            await world.LoginAsync("admin", "wrong password", $"10.0.2.{attempt}");
        }

        (await world.LoginAsync("admin", first.Password, "10.0.1.1")).Error.ShouldBeOfType<ThrottledError>().RetryAfterSeconds.ShouldBe(30);
        world.Clock.Advance(TimeSpan.FromSeconds(30));
        (await world.LoginAsync("admin", first.Password)).IsSuccess.ShouldBeTrue();
    }

    [Fact]
    public async Task Who_guesses_from_elsewhere_does_not_lock_the_owner_out()
    {
        using var world = await IdentityWorld.CreateAsync(DatabaseKind.Sqlite);
        var first = (await world.Accounts.CreateFirstAsync(None))!;
        (await world.LoginAsync("admin", first.Password, "10.0.0.7")).IsSuccess.ShouldBeTrue();
        for (var attempt = 0; attempt < 8; attempt++)
        {
            await world.LoginAsync("admin", "wrong password", $"10.9.0.{attempt}");
        }

        (await world.LoginAsync("admin", first.Password, "10.9.1.1")).Error.ShouldBeOfType<ThrottledError>();
        (await world.LoginAsync("admin", first.Password, "10.0.0.7")).IsSuccess.ShouldBeTrue();
    }

    [Fact]
    public async Task A_known_address_is_known_after_a_restart_and_slowed_by_itself()
    {
        using var world = await IdentityWorld.CreateAsync(DatabaseKind.Sqlite);
        var first = (await world.Accounts.CreateFirstAsync(None))!;
        await world.LoginAsync("admin", first.Password, "10.0.0.7");
        var throttle = new LoginThrottle(world.Clock);
        await new IdentityWarmUp(world.Database, world.Get<SignInRules>(), throttle, world.Get<ControlPlane.Core.Certificates.ClientAuthority>()).WarmUpAsync(None);
        for (var attempt = 0; attempt < 5; attempt++)
        {
            throttle.Enter("admin", $"10.9.0.{attempt}").ShouldBe(0);
        }

        throttle.Enter("admin", "10.9.1.1").ShouldBe(15);
        for (var attempt = 0; attempt < 5; attempt++)
        {
            throttle.Enter("admin", "10.0.0.7").ShouldBe(0);
        }

        throttle.Enter("admin", "10.0.0.7").ShouldBe(15);
    }

    [Theory]
    [InlineData("admin", "wrong password")]
    [InlineData("nobody", "wrong password")]
    [InlineData("not a name at all!", "wrong password")]
    [InlineData("nobody", "")]
    [InlineData("disabled", IdentityWorld.Password)]
    [InlineData("robot", "wrong password")]
    public async Task Every_refusal_derives_once_and_says_the_same(string name, string password)
    {
        using var world = await IdentityWorld.CreateAsync(DatabaseKind.Sqlite);
        var admin = await world.AdministratorAsync();
        var disabled = await world.AddAsync(admin, "disabled");
        await world.Users.UpdateAsync(admin, disabled.Id, new() { Disabled = true }, disabled.Revision, None);
        await world.AddAsync(admin, "robot", kind: "service");
        var before = world.Get<PasswordChecks>().Count;

        var error = (await world.LoginAsync(name, password)).Error;

        error.ShouldBe(new UnauthenticatedError("auth.invalid", "The name or the password is wrong."));
        (world.Get<PasswordChecks>().Count - before).ShouldBe(1);
    }

    [Theory, DatabaseData]
    public async Task A_hash_of_fewer_rounds_is_renewed_at_the_next_sign_in(DatabaseKind kind)
    {
        using var world = await IdentityWorld.CreateAsync(kind);
        var admin = await world.AdministratorAsync();
        var user = await world.AddAsync(admin, "anna");
        var salt = new byte[16];
        var old = Rfc2898DeriveBytes.Pbkdf2(IdentityWorld.Password, salt, 1000, HashAlgorithmName.SHA512, 64);
        await using (var db = world.Database.CreateDbContext())
        {
            var text = $"pbkdf2-sha512$1000${Convert.ToBase64String(salt)}${Convert.ToBase64String(old)}";
            await db.Users.Where(u => u.Id == user.Id).ExecuteUpdateAsync(u => u.SetProperty(x => x.PasswordHash, text));
        }

        (await world.LoginAsync("anna", IdentityWorld.Password)).IsSuccess.ShouldBeTrue();

        await using var after = world.Database.CreateDbContext();
        var row = await after.Users.AsNoTracking().SingleAsync(u => u.Id == user.Id);
        row.PasswordHash!.ShouldStartWith("pbkdf2-sha512$210000$");
        row.Version.ShouldBe(user.Revision);
        (await world.LoginAsync("anna", IdentityWorld.Password)).IsSuccess.ShouldBeTrue();
    }

    [Fact]
    public async Task Guessing_is_slowed_by_address_over_all_names()
    {
        using var world = await IdentityWorld.CreateAsync(DatabaseKind.Sqlite);
        for (var attempt = 0; attempt < 5; attempt++)
        {
            await world.LoginAsync($"user{attempt}", "wrong password", "10.0.0.9");
        }

        (await world.LoginAsync("another", "wrong password", "10.0.0.9")).Error.ShouldBeOfType<ThrottledError>();
        (await world.LoginAsync("another", "wrong password", "10.0.0.10")).Error.ShouldBeOfType<UnauthenticatedError>();
    }

    [Fact]
    public async Task The_name_of_no_account_is_not_kept()
    {
        using var world = await IdentityWorld.CreateAsync(DatabaseKind.Sqlite);
        await world.LoginAsync("hunter2-typed-here", "wrong password");

        await world.WriteRefusalsAsync();
        await using var db = world.Database.CreateDbContext();
        var entry = await db.Audit.SingleAsync();
        (entry.ActorName + entry.ObjectName + entry.ObjectId + entry.Detail).ShouldNotContain("hunter2");
    }
}
