using ControlPlane.Contracts.Agents;
using ControlPlane.Contracts.Tunnels;
using ControlPlane.Core.Containers;
using ControlPlane.Core.Tests.Images;

namespace ControlPlane.Core.Tests.Containers;

public sealed class EventArrivalTests
{
    private static readonly DateTime Until = new(2026, 11, 1, 12, 0, 0, DateTimeKind.Utc);

    [Fact]
    public async Task What_an_engine_has_told_is_expected_until_it_has_come()
    {
        await using var world = await ImageWorld.CreateAsync(new DeadlineOptions { PastEventsSeconds = 1 });
        world.AddNode("n1");
        world.AddNode("n2");
        world.AddNode("silent");
        world.AddNode("broken");
        var feed = new EngineEventFeed(world.Containers.State);
        var arrivals = new EventArrivals(feed, world.Containers.State, world.Tunnels, TimeProvider.System, Microsoft.Extensions.Options.Options.Create(new DeadlineOptions { PastEventsSeconds = 1 }));
        world.Tunnels.Engine = exchange => exchange.Node switch
        {
            "silent" => Task.CompletedTask,
            "broken" => exchange.AnswerAsync(200, "<html>"),
            "n2" => exchange.AnswerAsync(200, ""),
            _ => exchange.AnswerAsync(200, $"{Line(Until.AddSeconds(-2))}\n{Line(Until.AddSeconds(-1))}\n"),
        };

        var expected = await arrivals.ExpectedAsync(Until, TestContext.Current.CancellationToken);

        expected.ShouldBe([("n1", Until.AddSeconds(-1))]);
        var asked = world.Tunnels.AskedOf<PastEvents>()[0];
        (asked.UntilNano - asked.SinceNano).ShouldBe(10_000_000_000);
        feed.Add("n1", [Event(Until.AddSeconds(-2))]);
        arrivals.HaveCome(expected).ShouldBeFalse();
        feed.Add("n1", [Event(Until.AddSeconds(-1))]);
        arrivals.HaveCome(expected).ShouldBeTrue();
    }

    private static string Line(DateTime at) => $$"""{"Type":"container","timeNano":{{(at - DateTime.UnixEpoch).Ticks * 100}}}""";

    private static EngineEvent Event(DateTime at) => new(at, "container", "die", new string('1', 64), "web", "");
}
