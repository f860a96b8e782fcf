using ControlPlane.Agent.Inventory;
using ControlPlane.Agent.Session;
using ControlPlane.Agent.Tests.Fakes;
using ControlPlane.Contracts.Agents;

namespace ControlPlane.Agent.Tests.Inventory;

public sealed class EngineEventTests
{
    [Theory]
    [InlineData("container", "start", false)]
    [InlineData("container", "exec_start: sh -c true", true)]
    [InlineData("container", "attach", true)]
    [InlineData("container", "copy", true)]
    [InlineData("network", "connect", true)]
    [InlineData("volume", "mount", true)]
    [InlineData("volume", "create", false)]
    [InlineData("image", "pull", false)]
    [InlineData("builder", "prune", true)]
    [InlineData("plugin", "enable", true)]
    public void What_is_not_for_people_is_quiet(string type, string action, bool quiet)
    {
        var line = "{\"Type\":\"" + type + "\",\"Action\":\"" + action + "\",\"Actor\":{\"ID\":\"a\",\"Attributes\":{\"name\":\"n\",\"label\":\"x\"}},\"scope\":\"swarm\",\"timeNano\":1000000000}";

        var happened = EngineNotice.Parse(line, DateTime.UnixEpoch)!.ToEvent();

        happened.Quiet.ShouldBe(quiet);
        happened.Scope.ShouldBe("swarm");
        happened.Attributes.ShouldBe(new Dictionary<string, string> { ["name"] = "n", ["label"] = "x" }, ignoreOrder: true);
    }

    [Fact]
    public void Attributes_beyond_the_bound_stay_away_and_the_name_comes_first()
    {
        var line = "{\"Type\":\"container\",\"Action\":\"start\",\"Actor\":{\"ID\":\"a\",\"Attributes\":{\"big\":\"" + new string('x', 8190) + "\",\"name\":\"n\"}}}";

        EngineNotice.Parse(line, DateTime.UnixEpoch)!.Attributes.Keys.ShouldBe(["name"]);
    }

    [Fact]
    public void The_newest_events_are_kept_by_number_and_by_size()
    {
        var many = new UntoldEvents();
        for (var i = 0; i < 600; i++)
        {
            many.Add(Event($"{i}", ""));
        }

        many.TakeAll().Select(happened => happened.ObjectId).ShouldBe(Enumerable.Range(100, 500).Select(i => $"{i}"));
        many.IsEmpty.ShouldBeTrue();

        var large = new UntoldEvents();
        for (var i = 0; i < 300; i++)
        {
            large.Add(Event($"{i}", new string('x', 8000)));
        }

        var kept = large.TakeAll();
        kept.Count.ShouldBeInRange(100, 140);
        kept[^1].ObjectId.ShouldBe("299");
    }

    [Fact]
    public void A_small_change_is_one_message_and_a_large_one_is_cut()
    {
        var small = new InventoryChange(false, [], ["gone"], [], [], [], [Event("a", "")]);
        ReportParts.Cut(small, Counter(), []).ShouldHaveSingleItem().Events.ShouldHaveSingleItem();

        List<VolumeReport> volumes = [.. Enumerable.Range(0, 100).Select(i => new VolumeReport($"v{i}", "local", "", new Dictionary<string, string>(), DateTime.UnixEpoch) { Json = new string('x', 9000) })];
        List<EngineEvent> events = [.. Enumerable.Range(0, 400).Select(i => Event($"{i}", new string('x', 8000)))];
        var parts = ReportParts.Cut(new InventoryChange(true, [], [], [], [], volumes, events), Counter(), ["command"]).ToList();

        parts.Count.ShouldBeGreaterThan(3);
        parts.Select(part => part.Sequence).Distinct().ShouldHaveSingleItem();
        parts.Count(part => part.Last).ShouldBe(1);
        parts[^1].Last.ShouldBeTrue();
        parts[^1].CommandsInFlight.ShouldBe(["command"]);
        parts.Count(part => part.Volumes is not null).ShouldBe(1);
        parts.SelectMany(part => part.Events).Select(happened => happened.ObjectId).ShouldBe(events.Select(happened => happened.ObjectId));
    }

    [Fact]
    public async Task Events_that_change_nothing_travel_together()
    {
        using var authority = new TestAuthority();
        using var data = new TempDirectory();
        await using var engine = await FakeEngine.StartAsync();
        await using var server = await FakeControlPlane.StartAsync(authority);
        await using var agent = new RunningAgent(data.Path, engine.Socket, server);
        await server.Seen.Until(seen => seen.Full);
        var before = server.Seen.Reports.Count;

        for (var i = 0; i < 50; i++)
        {
            engine.Happens($$$$"""{"Type":"container","Action":"exec_create: check","Actor":{"ID":"{{{{i}}}}","Attributes":{"name":"n"}}}""");
        }

        await server.Seen.Until(seen => seen.Reports.Sum(report => report.Events.Count) == 50);

        server.Seen.Reports.SelectMany(report => report.Events).ShouldAllBe(happened => happened.Quiet);
        (server.Seen.Reports.Count - before).ShouldBeLessThan(4, "not a message each");
    }

    private static Func<long> Counter()
    {
        long sequence = 0;
        return () => ++sequence;
    }

    private static EngineEvent Event(string id, string text) =>
        new(DateTime.UnixEpoch, "container", "start", id, "n", "") { Attributes = new Dictionary<string, string> { ["a"] = text } };
}
