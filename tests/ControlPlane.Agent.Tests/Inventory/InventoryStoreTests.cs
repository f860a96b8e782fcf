using ControlPlane.Agent.Inventory;
using ControlPlane.Contracts.Agents;
using Microsoft.Extensions.Time.Testing;

namespace ControlPlane.Agent.Tests.Inventory;

public sealed class InventoryStoreTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void Nothing_is_reported_before_the_engine_was_read()
    {
        var store = new InventoryStore(_time);
        store.WantFull();

        store.Take().ShouldBeNull();
    }

    [Fact]
    public void Changes_gather_and_are_taken_once()
    {
        var store = Known();
        store.Apply(Container("a"), Mark(store));
        store.Apply(Container("a", "exited"), Mark(store));
        store.Apply(Container("b"), Mark(store));

        var delta = store.Take()!;

        delta.Full.ShouldBeFalse();
        delta.Containers.Select(container => container.State).ShouldBe(["exited", "running"], ignoreOrder: true);
        store.Take().ShouldBeNull();
    }

    [Fact]
    public void An_older_look_never_replaces_a_newer_one()
    {
        var store = Known();
        var older = Mark(store);
        store.Apply(Container("a", "exited"), Mark(store));

        store.Apply(Container("a", "running"), older);

        store.Find("a")!.State.ShouldBe("exited");
    }

    [Fact]
    public void A_removed_container_does_not_come_back_by_a_late_look()
    {
        var store = Known();
        store.Apply(Container("a"), Mark(store));
        store.Remove("a");

        store.Apply(Container("a"), Mark(store));

        store.Find("a").ShouldBeNull();
        store.Take()!.Removed.ShouldBe(["a"]);
    }

    [Fact]
    public void A_full_read_removes_what_it_did_not_see_but_not_what_came_meanwhile()
    {
        var store = Known();
        store.Apply(Container("old"), Mark(store));
        var reading = Mark(store);
        store.Apply(Container("new"), Mark(store));

        store.Replace([], reading, [], [], []);

        store.Find("old").ShouldBeNull();
        store.Find("new").ShouldNotBeNull();
        store.Take()!.Full.ShouldBeTrue();
    }

    [Fact]
    public void An_older_list_never_replaces_a_newer_one()
    {
        var store = Known();
        var older = Mark(store);
        store.SetVolumes([new VolumeReport("new", "local", "", new Dictionary<string, string>(), DateTime.UnixEpoch)], Mark(store));

        store.SetVolumes([], older);

        store.HasVolumes(["new"]).ShouldBeTrue();
        store.Take()!.Volumes!.ShouldHaveSingleItem();
    }

    [Fact]
    public void The_same_report_again_is_no_change()
    {
        var store = Known();
        store.Apply(Container("a"), Mark(store));
        store.Take();

        store.Apply(Container("a"), Mark(store));

        store.Take().ShouldBeNull();
    }

    [Fact]
    public void Ten_events_of_one_container_within_a_moment_are_one_look()
    {
        var looks = new PendingLooks(_time);
        for (var i = 0; i < 10; i++)
        {
            looks.Add(new EngineNotice("container", "start", "a", "n", "", "", DateTime.UnixEpoch));
            _time.Advance(TimeSpan.FromMilliseconds(4));
        }

        looks.TakeDue([]).ShouldBeNull();
        _time.Advance(TimeSpan.FromMilliseconds(10));

        looks.TakeDue([]).ShouldBe("a");
        looks.TakeDue([]).ShouldBeNull();
    }

    [Fact]
    public void What_is_being_looked_at_waits_for_that_look_and_holds_nothing_else_back()
    {
        var looks = new PendingLooks(_time);
        looks.Add("a", TimeSpan.Zero);
        looks.Add("b", TimeSpan.FromMilliseconds(5));

        looks.UntilNext([]).ShouldBe(TimeSpan.Zero);
        looks.UntilNext(["a"]).ShouldBe(TimeSpan.FromMilliseconds(5));
        looks.UntilNext(["a", "b"]).ShouldBeNull();
        _time.Advance(TimeSpan.FromMilliseconds(5));
        looks.TakeDue(["a"]).ShouldBe("b");
        looks.TakeDue(["a"]).ShouldBeNull();
        looks.TakeDue([]).ShouldBe("a");
    }

    [Theory]
    [InlineData("exec_create: sh", false)]
    [InlineData("health_status: healthy", true)]
    [InlineData("die", true)]
    public void Events_of_exec_are_not_looked_at(string action, bool looked)
    {
        var line = "{\"Type\":\"container\",\"Action\":\"" + action + "\",\"Actor\":{\"ID\":\"a\",\"Attributes\":{\"name\":\"n\",\"exitCode\":\"3\"}},\"timeNano\":1000000000}";

        var notice = EngineNotice.Parse(line, DateTime.UnixEpoch)!;

        (notice.TouchedContainer == "a").ShouldBe(looked);
        notice.IsNews.ShouldBe(looked);
    }

    private static ContainerReport Container(string id, string state = "running") => new()
    {
        EngineId = id, Name = "n-" + id, Image = "i", ImageId = "sha256:1", Command = "c", CreatedAt = DateTime.UnixEpoch, State = state,
        Labels = new Dictionary<string, string> { ["k"] = "v" }, Ports = [new PortReport(80, "tcp", "", 8080)],
    };

    private long Mark(InventoryStore store)
    {
        _time.Advance(TimeSpan.FromMilliseconds(1));
        return store.Mark();
    }

    private InventoryStore Known()
    {
        var store = new InventoryStore(_time);
        store.Replace([], Mark(store), [], [], []);
        store.Take();
        return store;
    }
}
