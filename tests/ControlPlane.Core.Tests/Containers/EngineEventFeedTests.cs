using ControlPlane.Contracts.Agents;
using ControlPlane.Core.Access;
using ControlPlane.Core.Containers;
using ControlPlane.Core.State;

namespace ControlPlane.Core.Tests.Containers;

public sealed class EngineEventFeedTests
{
    private static readonly string Id = new('1', 64);

    private readonly ClusterState _state = new(TimeProvider.System);
    private readonly EngineEventFeed _feed;

    public EngineEventFeedTests() => _feed = new EngineEventFeed(_state);

    [Fact]
    public void A_listener_has_the_past_and_everything_that_comes()
    {
        _feed.Add("n1", [Event("start")]);
        var (past, listener) = _feed.Listen();
        using (listener)
        {
            _feed.Add("n1", [Event("die")]);

            past.Single().Event.Action.ShouldBe("start");
            listener.Events.TryRead(out var next).ShouldBeTrue();
            next!.Event.Action.ShouldBe("die");
        }
    }

    [Fact]
    public void The_past_is_bounded()
    {
        for (var i = 0; i < EngineEventFeed.Kept + 10; i++)
        {
            _feed.Add("n1", [Event("a" + i)]);
        }

        var (past, listener) = _feed.Listen();
        listener.Dispose();
        past.Count.ShouldBe(EngineEventFeed.Kept);
        past[0].Event.Action.ShouldBe("a10");
    }

    [Fact]
    public async Task A_listener_that_does_not_keep_up_is_cut_off()
    {
        var (_, listener) = _feed.Listen();
        for (var i = 0; i < EngineEventFeed.Kept + 10; i++)
        {
            _feed.Add("n1", [Event("a")]);
        }

        while (listener.Events.TryRead(out _))
        {
        }

        (await listener.Events.WaitToReadAsync(TestContext.Current.CancellationToken)).ShouldBeFalse();
        listener.Dispose();
    }

    [Fact]
    public void Events_of_a_container_that_has_gone_are_still_its_collections()
    {
        _state.Write(writer => writer.Put(new ContainerRecord
        {
            Id = Id, NodeId = "n1", Name = "web", Image = "busybox", Collection = "/prod", CreatedAt = DateTime.UnixEpoch, Pulse = new ContainerPulse(),
            Observed = new ContainerReport { EngineId = Id, Name = "web", Image = "busybox", ImageId = "", Command = "", CreatedAt = DateTime.UnixEpoch, State = "running" },
        }));
        _feed.Add("n1", [Event("die")]);
        _state.Write(writer => writer.RemoveContainer(Id, "gone"));
        _feed.Add("n1", [Event("destroy")]);
        _feed.Add("n1", [new EngineEvent(DateTime.UnixEpoch, "container", "start", new string('9', 64), "other", "")]);

        var (past, listener) = _feed.Listen();
        listener.Dispose();
        past.Select(entry => entry.Collection).ShouldBe(["/prod", "/prod", Collections.Unmanaged]);
    }

    [Theory]
    [InlineData("192.0.2.7", "192.0.2.7", "192.0.2.7")]
    [InlineData("node.example.com", "", "node.example.com")]
    [InlineData("", "", "host")]
    public void An_event_says_where_its_node_was_then(string address, string ip, string shown)
    {
        _state.Write(writer => writer.Put(Node(address)));
        _feed.Add("n1", [Event("start")]);
        _state.Write(writer => writer.Put(Node("198.51.100.1")));
        _feed.Add("gone", [Event("die")]);

        var (past, listener) = _feed.Listen();
        listener.Dispose();
        past.Select(entry => (entry.NodeIp, entry.NodeAddress)).ShouldBe([(ip, shown), ("", "")]);
    }

    private static NodeRecord Node(string address) => new()
    {
        Id = "n1", Name = "node-1", State = NodeState.Ready, StateSince = DateTime.UnixEpoch, Availability = NodeAvailability.Active, JoinedAt = DateTime.UnixEpoch, Revision = 1,
        Pulse = new NodePulse(),
        Description = new NodeDescription
        {
            EngineId = "e", HostName = "host", EngineVersion = "", ApiVersion = "", MinApiVersion = "", OperatingSystem = "", OsType = "linux", Architecture = "", KernelVersion = "",
            StorageDriver = "", Cpus = 1, MemoryBytes = 1, EngineLabels = new Dictionary<string, string>(), Address = address,
        },
    };

    private static EngineEvent Event(string action) => new(DateTime.UnixEpoch, "container", action, Id, "web", "");
}
