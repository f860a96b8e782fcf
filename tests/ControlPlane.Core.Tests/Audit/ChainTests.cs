using ControlPlane.Core.Audit;
using ControlPlane.Core.Audit.Chain;
using ControlPlane.Core.Data;
using ControlPlane.TestKit.Databases;
using Microsoft.EntityFrameworkCore;

namespace ControlPlane.Core.Tests.Audit;

public sealed class ChainTests
{
    [Theory, DatabaseData]
    public async Task What_was_sealed_verifies_and_an_empty_chain_does_too(DatabaseKind kind)
    {
        using var world = await AuditWorld.CreateAsync(kind);
        (await world.VerifyAsync()).ShouldBe(new AuditVerification(true, null, null, 0, 0, 0, 0, 0, SealHash.Zero, null, null));
        await world.SealedAsync(seals: 4, each: 3);
        await world.WriteAsync("containers.start");

        var found = await world.VerifyAsync();

        (found.Intact, found.Seals, found.Entries, found.Unsealed, found.HeadNumber).ShouldBe((true, 4L, 12L, 1L, 4L));
        found.HeadHash.Length.ShouldBe(64);
    }

    [Theory, DatabaseData]
    public async Task Every_field_of_an_entry_that_is_edited_shows(DatabaseKind kind)
    {
        using var world = await AuditWorld.CreateAsync(kind);
        await world.SealedAsync(seals: 3, each: 3);
        Action<AuditEntity>[] edits =
        [
            e => e.At = e.At.AddMilliseconds(1), e => e.ActorKind = "Node", e => e.ActorId = "u9", e => e.ActorName = "x", e => e.CredentialId = null,
            e => e.RemoteAddress = "10.0.0.2", e => e.Action = "containers.start", e => e.ObjectKind = "node", e => e.ObjectId = "y", e => e.ObjectName = null,
            e => e.Result = "failed", e => e.Detail = "", e => e.RequestId = "r9", e => e.Count = 2, e => e.ParametersJson = "{}", e => e.BeforeJson = null, e => e.AfterJson = "{}",
        ];
        foreach (var edit in edits)
        {
            var original = (await world.EntriesAsync()).Single(e => e.ObjectId == "c1-1" || (e.Seal == 2 && e.SealIndex == 1));
            await world.TamperAsync(async db => edit(await db.Audit.SingleAsync(e => e.Id == original.Id)));

            var found = await world.VerifyAsync();

            (found.Intact, found.BrokenSeal).ShouldBe((false, 2L));
            found.Problem!.ShouldContain("hash does not fit");
            found.HeadNumber.ShouldBe(3);
            await world.TamperAsync(db =>
            {
                db.Audit.Update(original);
                return Task.CompletedTask;
            });
            (await world.VerifyAsync()).Intact.ShouldBeTrue();
        }
    }

    [Theory, DatabaseData]
    public async Task Deleted_inserted_and_reordered_entries_show(DatabaseKind kind)
    {
        (await AfterAsync(kind, db => db.Audit.Where(e => e.Seal == 2 && e.SealIndex == 1).ExecuteDeleteAsync())).Problem.ShouldBe("Entry 1 of 3 is missing.");
        (await AfterAsync(kind, db => db.Audit.Where(e => e.Seal == 2 && e.SealIndex == 2).ExecuteDeleteAsync())).Problem.ShouldBe("1 of its 3 entries are missing at the end.");
        (await AfterAsync(kind, db => db.Audit.Where(e => e.Seal == 2).ExecuteDeleteAsync())).Problem.ShouldBe("3 of its 3 entries are missing at the end.");
        (await AfterAsync(kind, db => InsertAsync(db, 3))).Problem.ShouldBe("There are 1 entries more than were sealed: they were inserted.");
        (await AfterAsync(kind, db => InsertAsync(db, 1))).Problem!.ShouldContain("two entries at place 1");
        (await AfterAsync(kind, SwapAsync)).Problem!.ShouldContain("hash does not fit");
        (await AfterAsync(kind, db => db.Audit.Where(e => e.Seal == 2 && e.SealIndex == 0).ExecuteUpdateAsync(e => e.SetProperty(x => x.SealIndex, 2)))).BrokenSeal.ShouldBe(2);
    }

    [Theory, DatabaseData]
    public async Task Seals_that_are_missing_or_changed_show(DatabaseKind kind)
    {
        (await AfterAsync(kind, db => db.AuditSeals.Where(s => s.Number == 2).ExecuteDeleteAsync())).Problem.ShouldBe("The seal is missing.");
        (await AfterAsync(kind, db => db.AuditSeals.Where(s => s.Number == 2).ExecuteUpdateAsync(s => s.SetProperty(x => x.Hash, new string('a', 64)))))
            .BrokenSeal.ShouldNotBeNull();
        (await AfterAsync(kind, db => db.AuditSeals.Where(s => s.Number == 2).ExecuteUpdateAsync(s => s.SetProperty(x => x.SealedAt, x => x.SealedAt.AddSeconds(-1)))))
            .BrokenSeal.ShouldBe(2);
        (await AfterAsync(kind, db => db.AuditSeals.Where(s => s.Number == 2).ExecuteUpdateAsync(s => s.SetProperty(x => x.PreviousHash, SealHash.Zero))))
            .Problem!.ShouldContain("does not follow");
        (await AfterAsync(kind, db => db.AuditSeals.Where(s => s.Number == 3).ExecuteDeleteAsync(), broken: 3)).Problem!.ShouldContain("the seal is missing");
    }

    [Theory, DatabaseData]
    public async Task Deletion_that_looks_like_retention_shows(DatabaseKind kind)
    {
        (await AfterAsync(kind, db => ExpireAsync(db, 2))).Problem!.ShouldContain("older seals are kept");
        (await AfterAsync(kind, db => ExpireAsync(db, 1), broken: 1)).Problem!.ShouldContain("younger than anything");
    }

    [Theory, DatabaseData]
    public async Task A_tail_that_was_cut_off_or_made_anew_shows_by_a_hash_noted_elsewhere(DatabaseKind kind)
    {
        using var world = await AuditWorld.CreateAsync(kind);
        await world.SealedAsync(seals: 2, each: 3);
        var noted = (await world.VerifyAsync()).HeadHash;
        await world.SealedAsync(seals: 1, each: 3);
        (await world.VerifyAsync(noted.ToUpperInvariant())).ShouldSatisfyAllConditions(v => v.Intact.ShouldBeTrue(), v => v.ExpectedSeal.ShouldBe(2));
        await world.TamperAsync(async db =>
        {
            await db.AuditSeals.Where(s => s.Number >= 2).ExecuteDeleteAsync();
            await db.Audit.Where(e => e.Seal >= 2).ExecuteDeleteAsync();
        });

        (await world.VerifyAsync()).Intact.ShouldBeTrue();
        var cut = await world.VerifyAsync(noted);
        cut.Intact.ShouldBeFalse();
        cut.Problem!.ShouldContain("without the expected hash");
    }

    [Theory, DatabaseData]
    public async Task Sealing_while_many_write_loses_nothing_and_seals_each_once(DatabaseKind kind)
    {
        const int Writers = 6;
        const int Each = 40;
        using var world = await AuditWorld.CreateAsync(kind);
        using var done = new CancellationTokenSource();
        var sealing = Task.Run(async () =>
        {
            while (!done.IsCancellationRequested)
            {
                await world.Sealer.SealAsync(default);
            }
        });

        await Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => Task.Run(async () =>
        {
            for (var i = 0; i < Each; i++)
            {
                await using var db = world.Database.CreateDbContext();
                await using var transaction = await db.Database.BeginTransactionAsync();
                world.Trail.Add(db, AuditWorld.Admin, "containers.stop", new AuditObject("container", $"{writer}-{i}"));
                await db.SaveChangesAsync();
                await (i % 5 == 0 ? transaction.RollbackAsync() : transaction.CommitAsync());
            }
        })));
        await done.CancelAsync();
        await sealing;
        await world.Sealer.SealAsync(default);

        var found = await world.VerifyAsync();
        found.Problem.ShouldBeNull();
        (found.Entries, found.Unsealed).ShouldBe((Writers * Each * 4L / 5, 0L));
        (await world.EntriesAsync()).Select(e => (e.Seal, e.SealIndex)).Distinct().Count().ShouldBe((int)found.Entries);
    }

    [Theory, DatabaseData]
    public async Task A_crash_between_entries_and_seal_leaves_them_for_the_next_start(DatabaseKind kind)
    {
        var database = await TestDatabase.CreateAsync(kind);
        using var world = new AuditWorld(database);
        await world.SealedAsync(seals: 1, each: 2);
        for (var i = 0; i < 5; i++)
        {
            await world.WriteAsync("containers.stop", $"late{i}");
        }

        // The seal is written, the process dies before the entries are.
        var dying = new AuditSealer(new DyingDatabases(database, dieAt: 2), world.Clock, Microsoft.Extensions.Logging.Abstractions.NullLogger<AuditSealer>.Instance);
        await Should.ThrowAsync<InvalidOperationException>(() => dying.SealAsync(default));

        var between = await world.VerifyAsync();
        (between.Intact, between.Seals, between.Unsealed).ShouldBe((true, 1L, 5L));
        await world.Sealer.SealAsync(default);
        var after = await world.VerifyAsync();
        (after.Intact, after.Seals, after.Entries, after.Unsealed).ShouldBe((true, 2L, 7L, 0L));
    }

    [Theory, DatabaseData]
    public async Task Two_that_seal_at_once_make_one_chain(DatabaseKind kind)
    {
        using var world = await AuditWorld.CreateAsync(kind);
        for (var i = 0; i < 50; i++)
        {
            await world.WriteAsync("containers.stop", $"c{i}");
        }

        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            try
            {
                await world.Sealer.SealAsync(default);
            }
            catch (DbUpdateException)
            {
                // Another one was first.
            }
        })));

        var found = await world.VerifyAsync();
        (found.Intact, found.Entries, found.Unsealed).ShouldBe((true, 50L, 0L), found.Problem);
    }

    [Fact]
    public async Task Large_backlogs_are_sealed_in_order_in_seals_of_a_thousand()
    {
        using var world = await AuditWorld.CreateAsync(DatabaseKind.Sqlite);
        await using (var db = world.Database.CreateDbContext())
        {
            for (var i = 0; i < 2500; i++)
            {
                world.Clock.Advance(TimeSpan.FromMilliseconds(1));
                world.Trail.Add(db, AuditWorld.Admin, "containers.stop", new AuditObject("container", $"{i:0000}"));
            }

            await db.SaveChangesAsync();
        }

        (await world.Sealer.SealAsync(default)).ShouldBe(2500);

        var found = await world.VerifyAsync();
        (found.Intact, found.Seals, found.Entries).ShouldBe((true, 3L, 2500L));
        var entries = await world.EntriesAsync();
        entries.OrderBy(e => e.Seal).ThenBy(e => e.SealIndex).Select(e => e.ObjectId).ShouldBeInOrder();
    }

    [Fact]
    public async Task Verification_gives_up_when_told_to()
    {
        using var world = await AuditWorld.CreateAsync(DatabaseKind.Sqlite);
        await world.SealedAsync(seals: 1, each: 1);
        using var gone = new CancellationTokenSource();
        await gone.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => world.Verifier.VerifyAsync(null, gone.Token));
    }

    private static async Task<AuditVerification> AfterAsync(DatabaseKind kind, Func<ControlPlaneDb, Task> tamper, long broken = 2)
    {
        using var world = await AuditWorld.CreateAsync(kind);
        await world.SealedAsync(seals: 3, each: 3);
        await world.TamperAsync(tamper);

        var found = await world.VerifyAsync();

        found.Intact.ShouldBeFalse();
        if (found.Problem!.StartsWith("It does not follow", StringComparison.Ordinal))
        {
            found.BrokenSeal!.Value.ShouldBeInRange(broken, broken + 1);
        }
        else
        {
            found.BrokenSeal.ShouldBe(broken);
        }

        return found;
    }

    private static async Task InsertAsync(ControlPlaneDb db, int at)
    {
        var forged = await db.Audit.AsNoTracking().FirstAsync(e => e.Seal == 2);
        forged.Id = Guid.CreateVersion7();
        forged.SealIndex = at;
        db.Audit.Add(forged);
    }

    private static async Task SwapAsync(ControlPlaneDb db)
    {
        var pair = await db.Audit.Where(e => e.Seal == 2 && e.SealIndex < 2).ToListAsync();
        (pair[0].SealIndex, pair[1].SealIndex) = (pair[1].SealIndex, pair[0].SealIndex);
    }

    private static async Task ExpireAsync(ControlPlaneDb db, long number)
    {
        await db.Audit.Where(e => e.Seal == number).ExecuteDeleteAsync();
        (await db.AuditSeals.SingleAsync(s => s.Number == number)).Expired = true;
    }

    /// <summary>The process dies at its n-th saving; what was not committed is gone.</summary>
    private sealed class DyingDatabases(TestDatabase database, int dieAt) : IDbContextFactory<ControlPlaneDb>
    {
        private int _savings;

        public ControlPlaneDb CreateDbContext()
        {
            var db = database.CreateDbContext();
            db.SavingChanges += (_, _) =>
            {
                if (++_savings == dieAt)
                {
                    throw new InvalidOperationException("killed");
                }
            };
            return db;
        }
    }
}
