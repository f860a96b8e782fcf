using ControlPlane.Contracts.Rest.Settings;
using ControlPlane.Core.Results;
using ControlPlane.TestKit.Databases;
using Microsoft.EntityFrameworkCore;

namespace ControlPlane.Core.Tests.Audit;

public sealed class RetentionTests
{
    [Theory, DatabaseData]
    public async Task Whole_seals_go_by_age_and_the_chain_stays_verifiable(DatabaseKind kind)
    {
        using var world = await AuditWorld.CreateAsync(kind);
        await world.SealedAsync(seals: 7, each: 3);
        var noted = (await world.VerifyAsync()).HeadHash;
        world.Clock.Advance(TimeSpan.FromDays(300));
        await world.SealedAsync(seals: 2, each: 3);
        (await world.Retention.ExpireAsync(default)).ShouldBe(0);
        world.Clock.Advance(TimeSpan.FromDays(66));

        (await world.Retention.ExpireAsync(default)).ShouldBe(21);

        await world.Sealer.SealAsync(default);
        var found = await world.VerifyAsync(noted);
        (found.Intact, found.Seals, found.ExpiredSeals, found.ExpectedSeal).ShouldBe((true, 10L, 7L, 7L), found.Problem);
        var entries = await world.EntriesAsync();
        entries.Count(e => e.Action == "containers.stop").ShouldBe(6);
        entries.Where(e => e.Action == "audit.expire").ShouldContain(e => e.Detail == "15 entries of the seals 1 to 5, older than 365 days");
        (await world.Retention.ExpireAsync(default)).ShouldBe(0);
    }

    [Theory, DatabaseData]
    public async Task Tampering_with_what_is_kept_shows_after_retention_too(DatabaseKind kind)
    {
        using var world = await AuditWorld.CreateAsync(kind);
        await world.SealedAsync(seals: 2, each: 3);
        world.Clock.Advance(TimeSpan.FromDays(400));
        await world.SealedAsync(seals: 1, each: 3);
        await world.Retention.ExpireAsync(default);
        await world.TamperAsync(async db => (await db.AuditSeals.SingleAsync(s => s.Number == 1)).Hash = new string('b', 64));

        (await world.VerifyAsync()).BrokenSeal.ShouldBe(2);
    }

    [Fact]
    public async Task Entries_that_come_back_into_an_expired_seal_show()
    {
        using var world = await AuditWorld.CreateAsync(DatabaseKind.Sqlite);
        await world.SealedAsync(seals: 1, each: 1);
        world.Clock.Advance(TimeSpan.FromDays(400));
        await world.Retention.ExpireAsync(default);
        await world.TamperAsync(async db => (await db.Audit.SingleAsync()).Seal = 1);

        var found = await world.VerifyAsync();

        found.Problem!.ShouldContain("though it has expired");
    }

    [Fact]
    public async Task Unsealed_entries_and_young_ones_never_go()
    {
        using var world = await AuditWorld.CreateAsync(DatabaseKind.Sqlite);
        await world.WriteAsync("containers.stop");
        world.Clock.Advance(TimeSpan.FromDays(5000));

        (await world.Retention.ExpireAsync(default)).ShouldBe(0);
        (await world.EntriesAsync()).ShouldHaveSingleItem();
    }

    [Theory, DatabaseData]
    public async Task The_setting_is_read_changed_by_revision_and_audited_with_before_and_after(DatabaseKind kind)
    {
        using var world = await AuditWorld.CreateAsync(kind);
        (await world.Settings.GetAsync(AuditWorld.Admin, default)).Value.ShouldBe(new AuditSettingsView(365, 0));

        (await world.Settings.PutAsync(AuditWorld.Admin, new AuditSettingsRequest { Days = 30 }, 0, default)).Value.ShouldBe(new AuditSettingsView(30, 1));

        (await world.Settings.PutAsync(AuditWorld.Admin, new AuditSettingsRequest(), 0, default)).Error.ShouldBeOfType<PreconditionError>().CurrentRevision.ShouldBe(1);
        (await world.Settings.PutAsync(AuditWorld.Admin, new AuditSettingsRequest(), null, default)).Error.ShouldBeOfType<PreconditionError>().Missing.ShouldBeTrue();
        var entry = (await world.EntriesAsync()).ShouldHaveSingleItem();
        (entry.Action, entry.BeforeJson, entry.AfterJson).ShouldBe(("settings.update", """{"days":365}""", """{"days":30}"""));
        await world.SealedAsync(seals: 1, each: 1);
        world.Clock.Advance(TimeSpan.FromDays(31));
        (await world.Retention.ExpireAsync(default)).ShouldBe(2);
    }

    [Theory]
    [InlineData(29)]
    [InlineData(3651)]
    [InlineData(-1)]
    public async Task Days_out_of_range_are_refused_by_name(int days)
    {
        using var world = await AuditWorld.CreateAsync(DatabaseKind.Sqlite);

        (await world.Settings.PutAsync(AuditWorld.Admin, new AuditSettingsRequest { Days = days }, 0, default)).Error.ShouldBeOfType<InvalidError>()
            .Fields.ShouldHaveSingleItem().Field.ShouldBe("days");
        (await world.Settings.PutAsync(AuditWorld.Stranger, new AuditSettingsRequest { Days = 90 }, 0, default)).Error.ShouldBeOfType<ForbiddenError>();
        (await world.Settings.GetAsync(AuditWorld.Stranger, default)).Error.ShouldBeOfType<ForbiddenError>();
    }

    [Fact]
    public async Task A_row_that_says_less_than_the_least_deletes_nothing_younger()
    {
        using var world = await AuditWorld.CreateAsync(DatabaseKind.Sqlite);
        await world.Settings.PutAsync(AuditWorld.Admin, new AuditSettingsRequest { Days = 30 }, 0, default);
        await world.TamperAsync(async db => (await db.Settings.SingleAsync()).ValueJson = """{"days":0}""");
        await world.SealedAsync(seals: 1, each: 1);
        world.Clock.Advance(TimeSpan.FromDays(29));

        (await world.Retention.ExpireAsync(default)).ShouldBe(0);
    }
}
