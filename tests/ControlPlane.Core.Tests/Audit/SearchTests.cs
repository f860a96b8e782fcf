using ControlPlane.Contracts.Rest;
using ControlPlane.Core.Audit;
using ControlPlane.Core.Results;
using ControlPlane.TestKit.Databases;

namespace ControlPlane.Core.Tests.Audit;

public sealed class SearchTests
{
    [Theory, DatabaseData]
    public async Task Every_filter_finds_its_own(DatabaseKind kind)
    {
        using var world = await AuditWorld.CreateAsync(kind);
        await world.WriteAsync("containers.start", "c1", "web");
        world.Clock.Advance(TimeSpan.FromMinutes(1));
        var middle = world.Clock.GetUtcNow().UtcDateTime;
        await world.WriteAsync("containers.stop", "c2", "100%_Job", "because of Käse", caller: AuditWorld.Stranger with { RemoteAddress = "10.7.7.7" });
        world.Clock.Advance(TimeSpan.FromMinutes(1));
        await world.Trail.RecordAsync(AuditWorld.Admin, "nodes.update", new AuditObject("node", "n1", "node-1"), AuditTrail.Failed, null, default);

        (await FindAsync(world, new AuditSearch())).ShouldBe(["n1", "c2", "c1"]);
        (await FindAsync(world, new AuditSearch { Actors = ["stranger"] })).ShouldBe(["c2"]);
        (await FindAsync(world, new AuditSearch { Actors = ["u1", "nobody"] })).ShouldBe(["n1", "c1"]);
        (await FindAsync(world, new AuditSearch { Actions = ["containers.start"] })).ShouldBe(["c1"]);
        (await FindAsync(world, new AuditSearch { Actions = ["containers.*"] })).ShouldBe(["c2", "c1"]);
        (await FindAsync(world, new AuditSearch { Actions = ["containers.stop", "nodes.*", "users.*"] })).ShouldBe(["n1", "c2"]);
        (await FindAsync(world, new AuditSearch { Actions = ["containers_*", "%*"] })).ShouldBeEmpty();
        (await FindAsync(world, new AuditSearch { Objects = ["web", "n1"] })).ShouldBe(["n1", "c1"]);
        (await FindAsync(world, new AuditSearch { ObjectKinds = ["node"] })).ShouldBe(["n1"]);
        (await FindAsync(world, new AuditSearch { Results = ["failed"] })).ShouldBe(["n1"]);
        (await FindAsync(world, new AuditSearch { Addresses = ["10.7.7.7"] })).ShouldBe(["c2"]);
        (await FindAsync(world, new AuditSearch { Credentials = ["t2"] })).ShouldBe(["c2"]);
        (await FindAsync(world, new AuditSearch { RequestIds = ["r2"] })).ShouldBe(["c2"]);
        (await FindAsync(world, new AuditSearch { From = middle })).ShouldBe(["n1", "c2"]);
        (await FindAsync(world, new AuditSearch { To = middle })).ShouldBe(["c1"]);
        (await FindAsync(world, new AuditSearch { Text = "BECAUSE" })).ShouldBe(["c2"]);
        (await FindAsync(world, new AuditSearch { Text = "%_j" })).ShouldBe(["c2"]);
        (await FindAsync(world, new AuditSearch { Text = "%" })).ShouldBe(["c2"]);
        (await FindAsync(world, new AuditSearch { Text = "' or 1=1 --" })).ShouldBeEmpty();
        (await FindAsync(world, new AuditSearch { Actors = ["admin"], Results = ["ok"] })).ShouldBe(["c1"]);
    }

    [Theory, DatabaseData]
    public async Task Pages_stay_where_they_are_while_entries_come(DatabaseKind kind)
    {
        using var world = await AuditWorld.CreateAsync(kind);
        for (var i = 0; i < 25; i++)
        {
            // Five at the same moment each: the id decides.
            world.Clock.Advance(TimeSpan.FromMilliseconds(i % 5 == 0 ? 1 : 0));
            await world.WriteAsync("containers.stop", $"{i}");
        }

        var all = await FindAsync(world, new AuditSearch());
        var seen = new List<string>();
        string? cursor = null;
        do
        {
            var page = await PageAsync(world, new AuditSearch(), cursor, 4);
            seen.AddRange(page.Items.Select(item => item.ObjectId));
            cursor = page.NextCursor;
            world.Clock.Advance(TimeSpan.FromMilliseconds(1));
            await world.WriteAsync("containers.start", "new");
        }
        while (cursor is not null);

        seen.ShouldBe(all);
    }

    [Fact]
    public async Task A_thousand_entries_page_through_and_the_row_of_a_cursor_may_be_gone()
    {
        using var world = await AuditWorld.CreateAsync(DatabaseKind.Sqlite);
        await using (var db = world.Database.CreateDbContext())
        {
            for (var i = 0; i < 1000; i++)
            {
                world.Clock.Advance(TimeSpan.FromMilliseconds(1));
                world.Trail.Add(db, AuditWorld.Admin, "containers.stop", new AuditObject("container", $"{i}"));
            }

            await db.SaveChangesAsync();
        }

        var first = await PageAsync(world, new AuditSearch(), null, 100);
        first.Total.ShouldBe(1000);
        await world.TamperAsync(async db => db.Audit.Remove((await db.Audit.FindAsync(first.Items[^1].Id))!));

        (await PageAsync(world, new AuditSearch(), first.NextCursor, 100)).Items[0].ObjectId.ShouldBe("899");
    }

    [Theory]
    [InlineData("x")]
    [InlineData("99999999999999999999.0")]
    [InlineData("9223372036854775807.00000000000000000000000000000000")]
    public async Task A_cursor_that_is_none_is_refused(string cursor)
    {
        using var world = await AuditWorld.CreateAsync(DatabaseKind.Sqlite);

        (await world.Log.SearchAsync(AuditWorld.Admin, new AuditSearch(), cursor, 10, default)).Error.ShouldBeOfType<InvalidError>().Fields[0].Field.ShouldBe("cursor");
    }

    [Fact]
    public async Task Only_who_may_read_the_trail_of_the_system_reads_verifies_or_exports_it()
    {
        using var world = await AuditWorld.CreateAsync(DatabaseKind.Sqlite);

        (await world.Log.SearchAsync(AuditWorld.Stranger, new AuditSearch(), null, 10, default)).Error.ShouldBeOfType<ForbiddenError>();
        (await world.Log.VerifyAsync(AuditWorld.Stranger, null, default)).Error.ShouldBeOfType<ForbiddenError>();
        (await world.Exports.BeginAsync(AuditWorld.Stranger, new AuditSearch(), "csv", default)).Error.ShouldBeOfType<ForbiddenError>();
        (await world.Log.VerifyAsync(AuditWorld.Admin, "not a hash", default)).Error.ShouldBeOfType<InvalidError>();
        (await world.Exports.BeginAsync(AuditWorld.Admin, new AuditSearch(), "xml", default)).Error.ShouldBeOfType<InvalidError>();
        (await world.EntriesAsync()).ShouldBeEmpty();
        world.Refusals.Held.ShouldBe(1);
    }

    private static async Task<List<string>> FindAsync(AuditWorld world, AuditSearch search) =>
        [.. (await PageAsync(world, search, null, 500)).Items.Select(item => item.ObjectId)];

    private static async Task<Page<AuditView>> PageAsync(AuditWorld world, AuditSearch search, string? cursor, int limit) =>
        (await world.Log.SearchAsync(AuditWorld.Admin, search, cursor, limit, CancellationToken.None)).Value;
}
