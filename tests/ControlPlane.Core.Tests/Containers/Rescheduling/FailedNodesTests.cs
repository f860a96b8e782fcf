using ControlPlane.Core.Containers.Rescheduling;
using ControlPlane.Core.State;

namespace ControlPlane.Core.Tests.Containers.Rescheduling;

public sealed class FailedNodesTests
{
    private static readonly DateTime Now = new(2030, 1, 1, 12, 0, 0, DateTimeKind.Utc);
    private static readonly HashSet<string> Nobody = [];

    [Fact]
    public void A_node_that_is_down_has_failed_and_one_without_an_engine_after_the_grace()
    {
        var failed = Of(Ready(1), Ready(2), Ready(3), Ready(4), Ready(5), Node(6, NodeState.Down, 0), Node(7, NodeState.EngineDown, 5), Node(8, NodeState.EngineDown, 10), Node(9, NodeState.Unknown, 500));

        failed.Nodes.Keys.Order(StringComparer.Ordinal).ShouldBe(["n6", "n8"]);
        failed.Held.ShouldBeFalse();
    }

    [Theory]
    [InlineData(1, 1, false)]
    [InlineData(2, 1, true)]
    [InlineData(2, 2, false)]
    [InlineData(3, 2, true)]
    [InlineData(1, 0, false)]
    [InlineData(2, 0, true)]
    public void More_than_half_and_more_than_one_are_held(int down, int well, bool held) =>
        Of([.. Enumerable.Range(1, down).Select(i => Node(i, NodeState.Down, 30)), .. Enumerable.Range(10, well).Select(Ready)]).Held.ShouldBe(held);

    [Fact]
    public void Nodes_that_are_only_unknown_count_as_going_with_the_others() =>
        Of(Node(1, NodeState.Down, 1), Node(2, NodeState.Unknown, 8), Ready(3)).Held.ShouldBeTrue();

    [Fact]
    public void Nodes_that_wait_for_approval_do_not_count() =>
        Of(Node(1, NodeState.Down, 1), Node(2, NodeState.Down, 1), Ready(3), Node(4, NodeState.Pending, 1), Node(5, NodeState.Pending, 1)).Held.ShouldBeTrue();

    [Fact]
    public void Those_long_dead_are_no_part_of_it_neither_as_failed_nor_as_standing()
    {
        Of(Node(1, NodeState.Down, 9000), Node(2, NodeState.Down, 9000), Node(3, NodeState.Down, 5), Ready(4), Ready(5)).Held.ShouldBeFalse();
        Of(Node(1, NodeState.Down, 9000), Node(2, NodeState.Down, 9000), Node(3, NodeState.Down, 5), Node(4, NodeState.Down, 5), Ready(5)).Held.ShouldBeTrue();
    }

    [Fact]
    public void Time_or_a_person_ends_it()
    {
        NodeRecord[] nodes = [Node(1, NodeState.Down, 590), Node(2, NodeState.Down, 580), Ready(3)];

        Of(nodes).HeldUntil.ShouldBe(Now.AddSeconds(10));
        FailedNodes.Of(nodes, Nobody, Now.AddSeconds(11), TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(10)).Held.ShouldBeFalse();
        FailedNodes.Of(nodes, new HashSet<string> { "n1", "n2" }, Now, TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(10)).Held.ShouldBeFalse();
    }

    private static FailedNodes Of(params NodeRecord[] nodes) => FailedNodes.Of(nodes, Nobody, Now, TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(10));

    private static NodeRecord Ready(int id) => Node(id, NodeState.Ready, 1);

    private static NodeRecord Node(int id, NodeState state, int seconds) => new()
    {
        Id = $"n{id}", Name = $"n{id}", State = state, StateSince = Now.AddSeconds(-seconds), Availability = NodeAvailability.Active, JoinedAt = Now, Revision = 1, Pulse = new NodePulse(),
    };
}
