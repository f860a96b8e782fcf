using ControlPlane.Scheduling.Filters;
using static ControlPlane.Scheduling.Tests.Filtering;

namespace ControlPlane.Scheduling.Tests;

public sealed class RefusedFilterTests
{
    private static readonly PlacementRequest Request = new()
    {
        RefusedBy = new Dictionary<NodeId, string> { [new("id-1")] = "no space left on device" },
    };

    [Fact]
    public void A_node_that_refused_is_not_asked_again() =>
        Check(new RefusedFilter(), Request, Make.Node(1), "has refused this create: no space left on device");

    [Fact]
    public void The_others_are_asked() => Check(new RefusedFilter(), Request, Make.Node(2), null);

    [Fact]
    public void Without_refusals_there_is_nothing_to_check() => new RefusedFilter().For(new PlacementRequest()).ShouldBeNull();

    [Fact]
    public void Refusals_are_counted_without_their_particulars() =>
        Summary(new RefusedFilter(), Request, Make.Node(1), "1 has refused this create", "3 have refused this create");

    [Fact]
    public void An_index_does_not_know_who_refused() =>
        Narrowed(new RefusedFilter(), Request, new IndexedCluster(new TestCluster(Make.Node(1)))).ShouldBeNull();

    [Fact]
    public void The_next_in_rank_gets_what_the_first_refused()
    {
        var cluster = new TestCluster(Make.Node(1), Make.Node(2, containers: 1), Make.Node(3, containers: 2));

        Placement.Standard.Decide(Request, cluster).ShouldBeOfType<Placed>().Winner.Name.ShouldBe("node-2");
    }
}
