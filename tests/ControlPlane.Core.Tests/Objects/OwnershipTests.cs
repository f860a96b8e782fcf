using ControlPlane.Core.Data;
using ControlPlane.Core.Objects;
using ControlPlane.Core.Tests.Containers;
using ControlPlane.TestKit.Databases;

namespace ControlPlane.Core.Tests.Objects;

public sealed class OwnershipTests
{
    private static readonly OwnedKey Data = new(OwnedKind.Volume, "data");

    [Theory, DatabaseData]
    public async Task Rows_outlive_a_restart_unless_their_node_is_gone(DatabaseKind kind)
    {
        using var database = await TestDatabase.CreateAsync(kind);
        await using (var db = database.CreateDbContext())
        {
            db.Nodes.Add(Node("n1"));
            await db.SaveChangesAsync(TestContext.Current.CancellationToken);
        }

        using var first = new ObjectOwnership(database, TimeProvider.System);
        await first.AddAsync([first.New("n1", Data, "/a", "ann"), first.New("n9", Data, "/a", "ann")], _ => { });

        using var next = new ObjectOwnership(database, TimeProvider.System);
        await next.LoadAsync(CancellationToken.None);

        var owned = next.All(Data).ShouldHaveSingleItem();
        (owned.NodeId, owned.Collection, owned.Owner).ShouldBe(("n1", "/a", "ann"));
    }

    [Theory, DatabaseData]
    public async Task What_an_engine_no_longer_has_loses_its_row_but_not_what_is_too_young_to_be_listed(DatabaseKind kind)
    {
        using var database = await TestDatabase.CreateAsync(kind);
        var time = new Clock();
        using var ownership = new ObjectOwnership(database, time);
        await ownership.AddAsync([ownership.New("n1", Data, "/a", "ann"), ownership.New("n1", new(OwnedKind.Volume, "there"), "/a", "ann")], _ => { });

        ownership.Seen("n1", [], []);
        ownership.All(Data).ShouldHaveSingleItem();

        time.Now += TimeSpan.FromMinutes(2);
        ownership.Seen("n1", [], null);
        ownership.Seen("n2", [], []);
        ownership.All(Data).ShouldHaveSingleItem("nobody has said anything of its volumes");
        ownership.Seen("n1", null, [ScriptedObjects.Volume("there")]);

        ownership.All(Data).ShouldBeEmpty();
        ownership.All(new(OwnedKind.Volume, "there")).ShouldHaveSingleItem();
        using var stop = new CancellationTokenSource();
        var duty = new VanishedObjects(ownership, database).RunAsync(stop.Token);
        await ContainerWorld.UntilAsync(() =>
        {
            using var db = database.CreateDbContext();
            return Task.FromResult(db.OwnedObjects.Count() == 1);
        });
        await stop.CancelAsync();
        await duty.ContinueWith(_ => { }, TaskScheduler.Default);
    }

    [Theory, DatabaseData]
    public async Task The_same_key_again_replaces_the_row(DatabaseKind kind)
    {
        using var database = await TestDatabase.CreateAsync(kind);
        using var ownership = new ObjectOwnership(database, TimeProvider.System);

        await Task.WhenAll(Enumerable.Range(0, 8).Select(i => ownership.AddAsync([ownership.New("n1", Data, $"/c{i}", "ann")], _ => { })));
        await using var db = database.CreateDbContext();
        db.OwnedObjects.Count().ShouldBe(1);

        await ownership.RemoveAsync([("n1", Data)], _ => { });
        ownership.All(Data).ShouldBeEmpty();
        db.OwnedObjects.Count().ShouldBe(0);
    }

    [Fact]
    public async Task What_is_being_made_belongs_to_its_collection_already()
    {
        using var database = await TestDatabase.CreateAsync(DatabaseKind.Sqlite);
        using var ownership = new ObjectOwnership(database, TimeProvider.System);

        using (ownership.Claim("n1", OwnedKind.Volume, "data", "/a", "ann"))
        {
            ownership.IsOwned("n1", Data).ShouldBeTrue();
            ownership.Claim("n1", OwnedKind.Volume, "data", "/b", "bob").ShouldBeNull();
            ownership.Claim("n2", OwnedKind.Volume, "data", "/b", "bob").ShouldNotBeNull();
        }

        ownership.IsOwned("n1", Data).ShouldBeFalse();
    }

    private sealed class Clock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = DateTimeOffset.UnixEpoch.AddDays(20_000);

        public override DateTimeOffset GetUtcNow() => Now;
    }

    private static NodeEntity Node(string id) => new()
    {
        Id = id, Name = id, PublicKey = "", KeyThumbprint = id, LabelsJson = "{}", Availability = "Active", Collection = "/Shared", JoinedAt = DateTime.UnixEpoch,
    };
}
