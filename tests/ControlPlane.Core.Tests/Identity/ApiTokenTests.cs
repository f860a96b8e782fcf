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
        var admin = await AdministratorAsync(world);
        var created = (await world.Tokens.CreateAsync(admin, "ci", null, None)).Value;
        (created.ExpiresAt - created.CreatedAt).ShouldBe(TimeSpan.FromDays(90));

        (await world.Tokens.FindAsync(created.Token, None))!.CredentialId.ShouldBe(created.Id);
        await world.Writer.FlushAsync(None);
        (await world.Tokens.ListAsync(admin, None)).Value.Single(token => token.Id == created.Id).LastUsedAt.ShouldBe(world.Clock.GetUtcNow().UtcDateTime);
        (await world.Tokens.RevokeAsync(admin, created.Id, None)).IsSuccess.ShouldBeTrue();

        (await world.Tokens.FindAsync(created.Token, None)).ShouldBeNull();
        (await world.Tokens.RevokeAsync(admin, created.Id, None)).Error.ShouldBeOfType<NotFoundError>();
    }

    [Theory, DatabaseData]
    public async Task A_token_ends_on_its_day(DatabaseKind kind)
    {
        using var world = await IdentityWorld.CreateAsync(kind);
        var created = (await world.Tokens.CreateAsync(await AdministratorAsync(world), "short", 1, None)).Value;

        world.Clock.Advance(TimeSpan.FromDays(1));

        (await world.Tokens.FindAsync(created.Token, None)).ShouldBeNull();
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("a\nb")]
    public async Task Names_must_be_fit_to_read(string? name)
    {
        using var world = await IdentityWorld.CreateAsync(DatabaseKind.Sqlite);

        (await world.Tokens.CreateAsync(await AdministratorAsync(world), name, null, None)).Error.ShouldBeOfType<InvalidError>();
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

    private static async Task<Caller> AdministratorAsync(IdentityWorld world) =>
        (await world.Tokens.FindAsync((await world.Accounts.CreateFirstAsync(None))!.Token, None))!;
}
