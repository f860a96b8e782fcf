using ControlPlane.Contracts.Agents;
using ControlPlane.Core.Nodes;
using ControlPlane.Core.Nodes.Links;
using ControlPlane.Core.State;
using ControlPlane.Core.Tests.Containers;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace ControlPlane.Core.Tests.Nodes;

public sealed class NodeHealthTests : IDisposable
{
    private readonly FakeTimeProvider _clock = new();
    private readonly ClusterState _state;
    private readonly NodeHealth _health;

    public NodeHealthTests()
    {
        _state = new ClusterState(_clock);
        _health = new NodeHealth(_state, _clock, NullLogger<NodeHealth>.Instance);
        _state.Write(writer => writer.Put(new NodeRecord
        {
            Id = "n1",
            Name = "n1",
            State = NodeState.Ready,
            StateSince = writer.Now,
            Availability = NodeAvailability.Active,
            JoinedAt = writer.Now,
            Revision = 1,
            Synced = true,
            Pulse = new NodePulse(),
        }));
    }

    public void Dispose() => _health.Dispose();

    private int Figure => _state.Current.Node("n1")!.Health;

    [Fact]
    public void Each_failure_costs_a_third_and_never_everything_and_a_success_brings_it_back()
    {
        List<int> figures = [];
        for (var i = 0; i < 4; i++)
        {
            _health.Failed("n1", "disk full");
            figures.Add(Figure);
        }

        figures.ShouldBe([67, 34, 1, 1]);
        _health.Succeeded("n1");
        Figure.ShouldBe(100);
    }

    [Fact]
    public void A_failure_is_forgotten_after_five_minutes()
    {
        _health.Failed("n1", "x");
        _clock.Advance(TimeSpan.FromMinutes(3));
        _health.Failed("n1", "x");
        Figure.ShouldBe(34);

        _clock.Advance(TimeSpan.FromMinutes(2));
        Figure.ShouldBe(67);
        _clock.Advance(TimeSpan.FromMinutes(3));
        Figure.ShouldBe(100);
    }

    [Fact]
    public void A_success_without_trouble_changes_nothing()
    {
        var before = _state.Current;

        _health.Succeeded("n1");
        _health.Failed("gone", "x");
        _health.Succeeded("n1");

        _state.Current.ShouldBeSameAs(before);
    }

    [Theory]
    [InlineData(CommandOutcome.Done, "", 0, "", false)]
    [InlineData(CommandOutcome.Unclear, "session.lost", 0, "", true)]
    [InlineData(CommandOutcome.Failed, "engine.unreachable", 0, "", true)]
    [InlineData(CommandOutcome.Failed, "engine.refused", 500, "no runtime", true)]
    [InlineData(CommandOutcome.Failed, "image.pull_failed", 0, "write /var/lib: no space left on device", true)]
    [InlineData(CommandOutcome.Failed, "engine.refused", 400, "no such device", null)]
    [InlineData(CommandOutcome.Failed, "image.not_found", 404, "", null)]
    [InlineData(CommandOutcome.Failed, "node.not_connected", 0, "", null)]
    [InlineData(CommandOutcome.Refused, "policy.refused", 0, "", null)]
    [InlineData(CommandOutcome.Cancelled, "command.cancelled", 0, "", null)]
    public void Only_what_the_node_itself_made_is_held_against_it(CommandOutcome outcome, string code, int status, string message, bool? blames) =>
        NodeHealth.Blames(new CommandResult { CommandId = "c", Outcome = outcome, Code = code, EngineStatus = status, Message = message, NothingChanged = true })
            .ShouldBe(blames);

    [Fact]
    public async Task The_ends_of_commands_are_noted()
    {
        var links = new NodeLinks(TimeProvider.System, _health);
        var agent = new ScriptedAgent("n1", _state, links)
        {
            Script = command => new CommandResult { CommandId = command.Id, Outcome = CommandOutcome.Failed, Code = "engine.unreachable", Message = "gone" },
        };
        links.Attach(agent);
        var stop = new StopContainer { Id = "s", EngineId = "e", DeadlineMilliseconds = 1000 };

        await links.RunAsync("n1", stop, null, default);
        Figure.ShouldBe(67);
        agent.Script = command => new CommandResult { CommandId = command.Id, Outcome = CommandOutcome.Done };
        await links.RunAsync("n1", stop, null, default);

        Figure.ShouldBe(100);
    }
}
