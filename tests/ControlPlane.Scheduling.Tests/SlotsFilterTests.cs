using ControlPlane.Scheduling.Filters;
using static ControlPlane.Scheduling.Tests.Filtering;

namespace ControlPlane.Scheduling.Tests;

public sealed class SlotsFilterTests
{
    private static readonly PlacementRequest Request = new();

    [Fact]
    public void A_node_without_slots_has_no_limit() => Check(new SlotsFilter(), Request, Make.Node(1, containers: 100_000), null);

    [Theory]
    [InlineData(3, 2, null)]
    [InlineData(3, 3, "no container slot free of 3")]
    [InlineData(3, 4, "no container slot free of 3")]
    [InlineData(1, 0, null)]
    [InlineData(0, 0, "no container slot free of 0")]
    public void Containers_in_any_state_take_a_slot(int slots, int containers, string? text) =>
        Check(new SlotsFilter(), Request, WithSlots(slots, containers), text);

    [Fact]
    public void Full_nodes_are_counted_in_words() =>
        Summary(new SlotsFilter(), Request, WithSlots(1, 1), "1 has no container slot free", "3 have no container slot free");

    [Fact]
    public void An_index_does_not_know_the_slots() =>
        Narrowed(new SlotsFilter(), Request, new IndexedCluster(new TestCluster(WithSlots(1, 1)))).ShouldBeNull();

    [Fact]
    public void Slots_fill_one_by_one_and_then_the_request_is_refused()
    {
        var cluster = new TestCluster(WithSlots(2, 0), WithSlots(1, 0, number: 2));

        var outcomes = Enumerable.Range(0, 4).Select(_ =>
        {
            var decision = Placement.Standard.Decide(Request, cluster);
            if (decision is Placed placed)
            {
                cluster.Run(Request, placed.Node);
            }

            return decision is Unplaceable refusal ? refusal.Text : "placed";
        });

        outcomes.ShouldBe(["placed", "placed", "placed", "0 of 2 nodes fit: 2 have no container slot free"]);
    }

    private static TestNode WithSlots(int slots, int containers, int number = 1) =>
        Make.Node(number, containers: containers).With(facts => facts with { ContainerSlots = slots });
}
