using ControlPlane.Contracts.Rest.Users;
using ControlPlane.Core.Access;
using ControlPlane.Core.Identity;
using ControlPlane.TestKit.Databases;
using Microsoft.EntityFrameworkCore;

namespace ControlPlane.Core.Tests.Identity;

public sealed class CallerLifetimeTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task A_stream_ends_with_its_credential_and_no_other()
    {
        using var world = await IdentityWorld.CreateAsync(DatabaseKind.Sqlite);
        await world.AddAsync(await world.AdministratorAsync(), "anna");
        var one = await world.SignedInAsync("anna");
        var two = await world.SignedInAsync("anna");
        using var first = world.Lifetimes.Open(one);
        using var second = world.Lifetimes.Open(two);

        await world.SignIn.SignOutAsync(one, None);

        first.Ended.IsCancellationRequested.ShouldBeTrue();
        second.Ended.IsCancellationRequested.ShouldBeFalse();
    }

    [Theory]
    [InlineData("disable")]
    [InlineData("delete")]
    [InlineData("administrator")]
    [InlineData("password")]
    [InlineData("end")]
    public async Task Streams_end_when_the_account_or_its_sessions_do(string what)
    {
        using var world = await IdentityWorld.CreateAsync(DatabaseKind.Sqlite);
        var admin = await world.AdministratorAsync();
        var anna = await world.AddAsync(admin, "anna", isAdministrator: true);
        using var lease = world.Lifetimes.Open(await world.SignedInAsync("anna"));

        _ = what switch
        {
            "disable" => (await world.Users.UpdateAsync(admin, anna.Id, new UserPatch { Disabled = true }, -1, None)).IsSuccess,
            "administrator" => (await world.Users.UpdateAsync(admin, anna.Id, new UserPatch { IsAdministrator = false }, -1, None)).IsSuccess,
            "delete" => (await world.Users.DeleteAsync(admin, anna.Id, null, None)).IsSuccess,
            "password" => (await world.Users.ResetPasswordAsync(admin, anna.Id, None)).IsSuccess,
            _ => (await world.Get<UserSessions>().EndOfAsync(admin, anna.Id, null, None)).IsSuccess,
        };

        lease.Ended.IsCancellationRequested.ShouldBeTrue();
    }

    [Fact]
    public async Task Streams_end_when_rights_change_for_that_user_only()
    {
        using var world = await IdentityWorld.CreateAsync(DatabaseKind.Sqlite);
        var admin = await world.AdministratorAsync();
        var anna = await world.AddAsync(admin, "anna");
        await world.AddAsync(admin, "bert");
        var role = await world.RoleAsync("reader", Permission.ContainersRead);
        using var annas = world.Lifetimes.Open(await world.SignedInAsync("anna"));
        using var berts = world.Lifetimes.Open(await world.SignedInAsync("bert"));
        using var admins = world.Lifetimes.Open(admin);

        await world.GrantAsync(anna.Id, role, "/Shared");

        annas.Ended.IsCancellationRequested.ShouldBeTrue();
        berts.Ended.IsCancellationRequested.ShouldBeFalse();
        admins.Ended.IsCancellationRequested.ShouldBeFalse();
    }

    [Fact]
    public async Task A_closed_stream_is_forgotten()
    {
        using var world = await IdentityWorld.CreateAsync(DatabaseKind.Sqlite);
        var admin = await world.AdministratorAsync();

        world.Lifetimes.Open(admin).Dispose();

        world.Lifetimes.OpenCallers().ShouldBeEmpty();
    }

    [Theory, DatabaseData]
    public async Task What_expires_or_is_ended_by_another_process_is_found_by_looking(DatabaseKind kind)
    {
        using var world = await IdentityWorld.CreateAsync(kind);
        var admin = await world.AdministratorAsync();
        await world.AddAsync(admin, "anna");
        var token = (await world.Tokens.CreateAsync(admin, new NewApiToken { Name = "short", ExpiresInDays = 1 }, null, None)).Value;
        using var expiring = world.Lifetimes.Open((await world.Tokens.FindAsync(token.Token, null, None))!);
        using var removed = world.Lifetimes.Open(await world.SignedInAsync("anna"));
        using var stays = world.Lifetimes.Open(admin);
        var watch = new CredentialWatch(world.Lifetimes, world.Get<CredentialState>(), world.Cache, world.Clock);

        await watch.LookAsync(None);
        removed.Ended.IsCancellationRequested.ShouldBeFalse();
        await using (var db = world.Database.CreateDbContext())
        {
            await db.Sessions.ExecuteDeleteAsync();
        }

        await watch.LookAsync(None);
        removed.Ended.IsCancellationRequested.ShouldBeTrue();
        expiring.Ended.IsCancellationRequested.ShouldBeFalse();
        world.Clock.Advance(TimeSpan.FromDays(1));
        await watch.LookAsync(None);

        expiring.Ended.IsCancellationRequested.ShouldBeTrue();
        stays.Ended.IsCancellationRequested.ShouldBeFalse();
    }

    [Fact]
    public async Task A_revoked_credential_is_not_remembered_while_the_database_is_away()
    {
        using var world = await IdentityWorld.CreateAsync(DatabaseKind.Sqlite);
        var admin = await world.AdministratorAsync();
        var token = (await world.Tokens.CreateAsync(admin, new NewApiToken { Name = "x" }, null, None)).Value;
        (await world.Tokens.FindAsync(token.Token, null, None)).ShouldNotBeNull();
        await world.Tokens.RevokeAsync(admin, token.Id, None);

        await Should.ThrowAsync<TimeoutException>(async () =>
            await world.Cache.AskAsync("token:" + token.Id, _ => throw new TimeoutException("the database is away"), None));
    }
}
