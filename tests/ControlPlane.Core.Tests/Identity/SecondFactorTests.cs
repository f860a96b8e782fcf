using System.Text;
using ControlPlane.Contracts.Rest.Settings;
using ControlPlane.Core.Access;
using ControlPlane.Core.Identity;
using ControlPlane.Core.Results;
using ControlPlane.TestKit.Databases;
using Microsoft.EntityFrameworkCore;

namespace ControlPlane.Core.Tests.Identity;

public sealed class SecondFactorTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    // RFC 6238, appendix B (SHA-1, the last six digits).
    [Theory]
    [InlineData(59, "287082")]
    [InlineData(1111111109, "081804")]
    [InlineData(1111111111, "050471")]
    [InlineData(1234567890, "005924")]
    [InlineData(2000000000, "279037")]
    [InlineData(20000000000, "353130")]
    public void Codes_are_those_of_the_standard(long time, string code)
    {
        var secret = Encoding.ASCII.GetBytes("12345678901234567890");

        Totp.Code(secret, Totp.Step(DateTimeOffset.FromUnixTimeSeconds(time))).ShouldBe(code);
    }

    // RFC 4648, section 10.
    [Theory]
    [InlineData("f", "MY")]
    [InlineData("fo", "MZXQ")]
    [InlineData("foo", "MZXW6")]
    [InlineData("foob", "MZXW6YQ")]
    [InlineData("fooba", "MZXW6YTB")]
    [InlineData("foobar", "MZXW6YTBOI")]
    public void Secrets_are_written_as_apps_read_them(string bytes, string text) => Base32.Encode(Encoding.ASCII.GetBytes(bytes)).ShouldBe(text);

    [Theory, DatabaseData]
    public async Task A_sign_in_waits_for_the_code_and_gets_a_new_id_by_it(DatabaseKind kind)
    {
        using var world = await IdentityWorld.CreateAsync(kind);
        await world.AddAsync(await world.AdministratorAsync(), "anna");
        var (secret, _) = await EnableAsync(world, "anna");
        world.Clock.Advance(TimeSpan.FromSeconds(30));

        var ticket = (await world.LoginAsync("anna", IdentityWorld.Password)).Value;
        ticket.Pending.ShouldBe(PendingStep.SecondFactor);
        var pending = (await world.FindAsync(ticket))!;
        Authorizer.CheckComplete(pending)!.Code.ShouldBe("auth.second_factor_required");
        (await world.Tokens.CreateAsync(pending, new NewApiToken { Name = "x" }, null, None)).Error.ShouldBeOfType<ForbiddenError>();
        (await world.Get<PendingSignIn>().SecondFactorAsync(pending, "000000", None)).Error.ShouldBeOfType<InvalidError>();
        var done = (await world.Get<PendingSignIn>().SecondFactorAsync(pending, Code(world, secret), None)).Value;

        done.RecoveryCodes.ShouldBeNull();
        done.Ticket.Pending.ShouldBeNull();
        done.Ticket.SessionId.ShouldNotBe(ticket.SessionId);
        (await world.FindAsync(ticket)).ShouldBeNull();
        Authorizer.CheckComplete((await world.FindAsync(done.Ticket))!).ShouldBeNull();
    }

    [Theory, DatabaseData]
    public async Task A_code_counts_once_also_for_two_at_the_same_time(DatabaseKind kind)
    {
        using var world = await IdentityWorld.CreateAsync(kind);
        await world.AddAsync(await world.AdministratorAsync(), "anna");
        var (secret, _) = await EnableAsync(world, "anna");
        world.Clock.Advance(TimeSpan.FromSeconds(30));
        var code = Code(world, secret);
        var one = (await world.FindAsync((await world.LoginAsync("anna", IdentityWorld.Password)).Value))!;
        var two = (await world.FindAsync((await world.LoginAsync("anna", IdentityWorld.Password)).Value))!;
        var three = (await world.FindAsync((await world.LoginAsync("anna", IdentityWorld.Password)).Value))!;
        var steps = world.Get<PendingSignIn>();

        var ends = await Task.WhenAll(steps.SecondFactorAsync(one, code, None), steps.SecondFactorAsync(two, code, None));

        ends.Count(end => end.IsSuccess).ShouldBe(1);
        (await steps.SecondFactorAsync(three, code, None)).IsSuccess.ShouldBeFalse();
        await world.WriteRefusalsAsync();
        world.AuditText().ShouldContain("auth.second_factor refused");
    }

    [Theory, DatabaseData]
    public async Task A_recovery_code_replaces_the_app_once(DatabaseKind kind)
    {
        using var world = await IdentityWorld.CreateAsync(kind);
        await world.AddAsync(await world.AdministratorAsync(), "anna");
        var (_, codes) = await EnableAsync(world, "anna");
        codes.Count.ShouldBe(10);
        codes.Distinct().Count().ShouldBe(10);
        var steps = world.Get<PendingSignIn>();

        var first = (await world.FindAsync((await world.LoginAsync("anna", IdentityWorld.Password)).Value))!;
        var session = (await world.FindAsync((await steps.SecondFactorAsync(first, codes[3].ToUpperInvariant(), None)).Value.Ticket))!;
        (await world.Get<SecondFactors>().GetAsync(session, None)).Value.RecoveryCodesLeft.ShouldBe(9);
        var second = (await world.FindAsync((await world.LoginAsync("anna", IdentityWorld.Password)).Value))!;
        (await steps.SecondFactorAsync(second, codes[3], None)).Error.ShouldBeOfType<InvalidError>();

        var made = (await world.Get<SecondFactors>().RegenerateAsync(session, null, codes[4], None)).Value;
        made.Count.ShouldBe(10);
        (await steps.SecondFactorAsync(second, codes[5], None)).Error.ShouldBeOfType<InvalidError>();
        (await steps.SecondFactorAsync(second, made[0], None)).IsSuccess.ShouldBeTrue();
    }

    [Fact]
    public async Task Guessing_codes_is_slowed()
    {
        using var world = await IdentityWorld.CreateAsync(DatabaseKind.Sqlite);
        await world.AddAsync(await world.AdministratorAsync(), "anna");
        var (secret, _) = await EnableAsync(world, "anna");
        world.Clock.Advance(TimeSpan.FromSeconds(60));
        var pending = (await world.FindAsync((await world.LoginAsync("anna", IdentityWorld.Password)).Value))!;
        var steps = world.Get<PendingSignIn>();
        for (var guess = 0; guess < 5; guess++)
        {
            (await steps.SecondFactorAsync(pending, "12345" + guess, None)).Error.ShouldBeOfType<InvalidError>();
        }

        (await steps.SecondFactorAsync(pending, Code(world, secret), None)).Error.ShouldBeOfType<ThrottledError>();
    }

    [Theory, DatabaseData]
    public async Task The_settings_make_administrators_set_one_up_before_anything_else(DatabaseKind kind)
    {
        using var world = await IdentityWorld.CreateAsync(kind);
        var admin = await world.AdministratorAsync();
        await world.AddAsync(admin, "anna");
        await world.AddAsync(admin, "boss", isAdministrator: true);
        var settings = world.Get<SignInSettingsService>();
        (await settings.PutAsync(admin, new SignInSettingsRequest { SecondFactor = "administrators" }, 0, None)).Value.SecondFactor.ShouldBe("administrators");
        var steps = world.Get<PendingSignIn>();

        (await world.LoginAsync("anna", IdentityWorld.Password)).Value.Pending.ShouldBeNull();
        var boss = (await world.FindAsync((await world.LoginAsync("boss", IdentityWorld.Password)).Value))!;
        boss.Pending.ShouldBe(PendingStep.SecondFactor);
        (await steps.NeedsSetupAsync(boss, None)).ShouldBeTrue();
        (await steps.SecondFactorAsync(boss, "123456", None)).Error.ShouldBeOfType<ConflictError>();
        var setup = (await steps.BeginSetupAsync(boss, None)).Value;
        setup.Uri.ShouldStartWith("otpauth://totp/ControlPlane:boss?secret=" + setup.Secret);
        var done = (await steps.SecondFactorAsync(boss, Code(world, setup.Secret), None)).Value;
        done.RecoveryCodes!.Count.ShouldBe(10);
        var session = (await world.FindAsync(done.Ticket))!;
        session.Pending.ShouldBeNull();
        world.Clock.Advance(TimeSpan.FromSeconds(30));
        (await world.Get<SecondFactors>().DisableAsync(session, null, Code(world, setup.Secret), None)).Error.ShouldBeOfType<ConflictError>().Code.ShouldBe("second_factor.required");
        (await world.SignIn.OpenAsync(boss.Id, new OpenSession("oidc:keycloak", null, null, "r", "sid"), None)).Value.Pending.ShouldBeNull();
    }

    [Theory, DatabaseData]
    public async Task It_is_turned_off_by_both_factors_and_by_an_administrator(DatabaseKind kind)
    {
        using var world = await IdentityWorld.CreateAsync(kind);
        var admin = await world.AdministratorAsync();
        var anna = await world.AddAsync(admin, "anna");
        var (_, codes) = await EnableAsync(world, "anna");
        var factors = world.Get<SecondFactors>();
        var pending = (await world.FindAsync((await world.LoginAsync("anna", IdentityWorld.Password)).Value))!;
        var session = (await world.FindAsync((await world.Get<PendingSignIn>().SecondFactorAsync(pending, codes[0], None)).Value.Ticket))!;

        (await factors.DisableAsync(session, "wrong password", codes[1], None)).Error.ShouldBeOfType<InvalidError>();
        (await factors.DisableAsync(session, IdentityWorld.Password, "000000", None)).Error.ShouldBeOfType<InvalidError>();
        (await factors.DisableAsync(session, IdentityWorld.Password, codes[1], None)).IsSuccess.ShouldBeTrue();
        (await world.LoginAsync("anna", IdentityWorld.Password)).Value.Pending.ShouldBeNull();

        await EnableAsync(world, "anna");
        (await world.Users.ResetSecondFactorAsync(admin, anna.Id, None)).IsSuccess.ShouldBeTrue();
        (await world.LoginAsync("anna", IdentityWorld.Password)).Value.Pending.ShouldBeNull();
        await using var db = world.Database.CreateDbContext();
        (await db.RecoveryCodes.CountAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task A_secret_that_waits_for_its_first_code_asks_for_nothing_and_is_wrapped()
    {
        using var world = await IdentityWorld.CreateAsync(DatabaseKind.Sqlite);
        var anna = await world.AddAsync(await world.AdministratorAsync(), "anna");
        var session = await world.SignedInAsync("anna");
        var setup = (await world.Get<SecondFactors>().BeginAsync(session, null, None)).Value;

        (await world.LoginAsync("anna", IdentityWorld.Password)).Value.Pending.ShouldBeNull();
        (await world.Get<SecondFactors>().ConfirmAsync(session, "000000", None)).Error.ShouldBeOfType<InvalidError>();
        await using var db = world.Database.CreateDbContext();
        var row = await db.Users.SingleAsync(user => user.Id == anna.Id);
        Base32.Encode(row.TotpSecret).ShouldNotContain(setup.Secret);
        setup.ToString().ShouldNotContain(setup.Secret);
        world.AuditText().ShouldNotContain(setup.Secret);
    }

    [Fact]
    public async Task A_token_changes_nothing_about_how_its_owner_signs_in()
    {
        using var world = await IdentityWorld.CreateAsync(DatabaseKind.Sqlite);
        var admin = await world.AdministratorAsync();

        (await world.Get<SecondFactors>().BeginAsync(admin, null, None)).Error.ShouldBeOfType<ForbiddenError>().Code.ShouldBe("auth.session_required");
        (await world.Get<OwnPassword>().ChangeAsync(admin, "x", "a new long password", None)).Error.ShouldBeOfType<ForbiddenError>();
    }

    internal static string Code(IdentityWorld world, string secret) => Totp.Code(Decode(secret), Totp.Step(world.Clock.GetUtcNow()));

    /// <summary>Signs in, sets the second factor up, and gives what an app would hold.</summary>
    internal static async Task<(string Secret, IReadOnlyList<string> RecoveryCodes)> EnableAsync(IdentityWorld world, string name)
    {
        var session = await world.SignedInAsync(name);
        var setup = (await world.Get<SecondFactors>().BeginAsync(session, null, None)).Value;
        var codes = (await world.Get<SecondFactors>().ConfirmAsync(session, Code(world, setup.Secret), None)).Value;
        return (setup.Secret, codes);
    }

    private static byte[] Decode(string text)
    {
        var bits = string.Concat(text.Select(c => Convert.ToString("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".IndexOf(c, StringComparison.Ordinal), 2).PadLeft(5, '0')));
        return [.. Enumerable.Range(0, bits.Length / 8).Select(at => Convert.ToByte(bits.Substring(at * 8, 8), 2))];
    }
}
