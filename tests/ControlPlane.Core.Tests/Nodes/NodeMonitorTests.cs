using ControlPlane.Contracts.Agents;
using ControlPlane.Core.Data;
using ControlPlane.Core.Nodes;
using ControlPlane.Core.Nodes.Monitoring;
using ControlPlane.Core.Nodes.Sessions;
using ControlPlane.Core.State;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace ControlPlane.Core.Tests.Nodes;

public sealed class NodeMonitorTests
{
    private readonly FakeTimeProvider _clock = new();
    private readonly ClusterState _state;
    private readonly KeptEvents _events = new();
    private readonly NodeMonitor _monitor;

    public NodeMonitorTests()
    {
        _state = new ClusterState(_clock);
        _monitor = new NodeMonitor(_state, _events, Microsoft.Extensions.Options.Options.Create(new NodeMonitorOptions()), _clock, NullLogger<NodeMonitor>.Instance);
        _state.Write(writer => writer.Put(Node("n")));
    }

    private NodeRecord Current => _state.Current.Node("n")!;

    [Fact]
    public void A_silent_session_is_unknown_after_two_missed_heartbeats_and_down_ten_seconds_later()
    {
        PassAmnesty();
        var (_, connection) = Open();

        Run(6);
        Current.State.ShouldBe(NodeState.Ready);
        Run(1);
        Current.State.ShouldBe(NodeState.Unknown);
        Current.StateReason.ShouldContain("missed");
        var since = Current.StateSince;
        connection.Aborted.ShouldBeFalse();

        Run(9);
        Current.State.ShouldBe(NodeState.Unknown);
        Current.StateSince.ShouldBe(since);
        Run(1);
        Current.State.ShouldBe(NodeState.Down);
        connection.Aborted.ShouldBeTrue();
        _events.Kinds.ShouldBe(["node.down", "node.unknown", "node.ready", "node.unknown", "node.down"]);
    }

    [Fact]
    public void A_lost_session_may_come_back_within_two_seconds()
    {
        PassAmnesty();
        var (session, _) = Open();
        _monitor.Closed(session);
        Run(1.5);
        Current.State.ShouldBe(NodeState.Ready);

        Open();
        Run(3);

        Current.State.ShouldBe(NodeState.Ready);
        _events.Kinds.ShouldBe(["node.down", "node.unknown", "node.ready"]);
    }

    [Fact]
    public void A_lost_session_is_unknown_after_two_seconds_and_down_ten_later()
    {
        PassAmnesty();
        var (session, _) = Open();
        _monitor.Closed(session);

        Run(2);
        Current.State.ShouldBe(NodeState.Unknown);
        Run(9.5);
        Current.State.ShouldBe(NodeState.Unknown);
        Run(0.5);
        Current.State.ShouldBe(NodeState.Down);
    }

    [Fact]
    public void After_the_servers_start_nobody_is_down_for_a_minute()
    {
        Run(59.5);
        Current.State.ShouldBe(NodeState.Unknown);
        Run(0.5);
        Current.State.ShouldBe(NodeState.Down);
    }

    [Fact]
    public void An_engine_that_is_away_is_engine_down_at_once_with_its_age()
    {
        var (session, _) = Open();
        Run(1);
        _monitor.Beat(session, engineUp: false);
        Current.State.ShouldBe(NodeState.EngineDown);
        var since = Current.StateSince;
        Run(2);
        _monitor.Beat(session, engineUp: false);
        Current.StateSince.ShouldBe(since);

        _monitor.Beat(session, engineUp: true);

        Current.State.ShouldBe(NodeState.Ready);
    }

    [Fact]
    public void A_heartbeat_brings_an_unknown_node_back()
    {
        var (session, _) = Open();
        Run(10);
        Current.State.ShouldBe(NodeState.Unknown);

        _monitor.Beat(session, engineUp: true);

        Current.State.ShouldBe(NodeState.Ready);
    }

    [Fact]
    public void A_heartbeat_of_a_replaced_session_counts_for_nothing()
    {
        var (old, _) = Open();
        Open();
        Run(10);

        _monitor.Beat(old, engineUp: true);
        _monitor.Closed(old);

        Current.State.ShouldBe(NodeState.Unknown);
    }

    [Fact]
    public void A_node_that_waits_for_approval_stays_pending()
    {
        _state.Write(writer => writer.Put(Node("p") with { State = NodeState.Pending, StateReason = "Waits for approval." }));

        Run(120);

        _state.Current.Node("p")!.State.ShouldBe(NodeState.Pending);
    }

    [Fact]
    public void Nothing_is_published_while_nothing_changes()
    {
        var (session, _) = Open();
        var position = _state.Current.Position;

        for (var i = 0; i < 20; i++)
        {
            _monitor.Beat(session, engineUp: true);
            Run(1);
        }

        _state.Current.Position.ShouldBe(position);
    }

    [Fact]
    public void The_mark_of_a_doubled_identity_goes_after_ten_minutes()
    {
        var (session, _) = Open();
        _monitor.MarkDuplicate("n");
        Current.DuplicateIdentity.ShouldBeTrue();

        for (var i = 0; i < 600; i++)
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            _monitor.Beat(session, engineUp: true);
        }

        _monitor.Pass();
        Current.DuplicateIdentity.ShouldBeFalse();
    }

    [Fact]
    public void The_heartbeat_period_grows_with_the_cluster()
    {
        _monitor.Period(10).ShouldBe(TimeSpan.FromSeconds(3));
        _monitor.Period(5000).ShouldBe(TimeSpan.FromSeconds(5));
    }

    [Fact]
    public void Settings_out_of_range_name_their_key()
    {
        var result = new NodeMonitorOptionsValidator().Validate(null, new NodeMonitorOptions { DownAfterSeconds = 0 });

        result.Failed.ShouldBeTrue();
        result.FailureMessage.ShouldContain("Nodes:Monitor:DownAfterSeconds");
    }

    private void PassAmnesty() => Run(60);

    private void Run(double seconds)
    {
        for (var i = 0; i < seconds * 2; i++)
        {
            _clock.Advance(TimeSpan.FromMilliseconds(500));
            _monitor.Pass();
        }
    }

    private (NodeSession Session, StillConnection Connection) Open()
    {
        var connection = new StillConnection();
        var session = new NodeSession(
            "n", "s", "k", "i", _monitor.LeaseTime(TimeSpan.FromSeconds(3)), connection, _clock);
        _monitor.Opened(session, engineUp: true);
        _state.Write(writer => writer.Put(writer.Node("n")! with { Synced = true }));
        _monitor.Check("n");
        return (session, connection);
    }

    private static NodeRecord Node(string id) => new()
    {
        Id = id,
        Name = id,
        State = NodeState.Unknown,
        StateSince = default,
        Availability = NodeAvailability.Active,
        JoinedAt = default,
        Revision = 1,
        Pulse = new NodePulse(),
    };

    private sealed class KeptEvents : IEventSink
    {
        public List<string> Kinds { get; } = [];

        public void Add(EventEntity entry) => Kinds.Add(entry.Kind);

        public void Seen(string nodeId, DateTime at, string? descriptionJson, string? agentVersion, string? engineId)
        {
        }
    }

    private sealed class StillConnection : IAgentConnection
    {
        public bool Aborted { get; private set; }

        public IAgentClient Agent => throw new NotSupportedException();

        public string? RemoteAddress => null;

        public void Abort() => Aborted = true;
    }
}
