using ControlPlane.Scheduling.Filters;
using static ControlPlane.Scheduling.Tests.Filtering;

namespace ControlPlane.Scheduling.Tests;

public sealed class NarrowTests
{
    private static readonly TestNode?[] Nodes =
    [
        Make.Node(0, labels: "disk=ssd,zone=a"),
        Make.Node(1, NodeState.Down, labels: "disk=ssd,zone=b"),
        null,
        Make.Node(3, availability: NodeAvailability.Drain, labels: "disk=hdd,zone=a"),
        Make.Node(4),
    ];

    [Fact]
    public void An_index_answers_health() => Narrowed(new HealthFilter(), new PlacementRequest(), Indexed()).ShouldBe([0, 3, 4]);

    [Fact]
    public void An_index_answers_availability() => Narrowed(new AvailabilityFilter(), new PlacementRequest(), Indexed()).ShouldBe([0, 1, 4]);

    [Theory]
    [InlineData("disk==ssd", new[] { 0, 1 })]
    [InlineData("disk==~ssd", new[] { 0, 1 })]
    [InlineData("disk!=ssd", new[] { 2, 3, 4 })]
    [InlineData("disk==none", new int[0])]
    [InlineData("disk!=none", new[] { 0, 1, 2, 3, 4 })]
    [InlineData("rack!=r1", new[] { 0, 1, 2, 3, 4 })]
    public void An_index_answers_plain_labels(string constraint, int[] left)
    {
        var cluster = Indexed();

        Narrowed(new ConstraintFilter(), Asking(constraint), cluster).ShouldBe(left);
        var parsed = Make.Constraints(constraint)[0];
        cluster.Asked.ShouldBe([new Term(TermKind.Label, parsed.Key, parsed.Value)]);
    }

    [Theory]
    [InlineData("disk==s*")]
    [InlineData("disk!=/ssd/")]
    [InlineData("node==node-1")]
    [InlineData("node!=id-1")]
    [InlineData("node.id==id-1")]
    [InlineData("node.name!=node-1")]
    public void An_index_is_not_asked_what_it_cannot_know(string constraint)
    {
        var cluster = Indexed();

        Narrowed(new ConstraintFilter(), Asking(constraint), cluster).ShouldBeNull();
        Narrowed(new ConstraintFilter(), Asking("disk==ssd", constraint), cluster).ShouldBeNull();
        cluster.Asked.ShouldBeEmpty();
    }

    [Fact]
    public void An_index_answers_all_of_several_labels() => Narrowed(new ConstraintFilter(), Asking("disk==ssd", "zone!=b"), Indexed()).ShouldBe([0]);

    [Theory]
    [InlineData("disk")]
    [InlineData("zone")]
    public void When_an_index_has_no_answer_for_one_of_several_nothing_is_taken_out(string unknown) =>
        Narrowed(new ConstraintFilter(), Asking("disk==ssd", "zone!=b"), Indexed(term => term.Key != unknown)).ShouldBeNull();

    [Fact]
    public void Without_an_index_nothing_is_taken_out()
    {
        var nothing = Indexed(_ => false);

        Narrowed(new HealthFilter(), new PlacementRequest(), nothing).ShouldBeNull();
        Narrowed(new AvailabilityFilter(), new PlacementRequest(), nothing).ShouldBeNull();
        Narrowed(new ConstraintFilter(), Asking("disk==ssd"), nothing).ShouldBeNull();
    }

    [Fact]
    public void Ports_and_allowed_nodes_are_asked_node_by_node()
    {
        Narrowed(new PortFilter(), new PlacementRequest { HostPorts = [Make.Port("80")] }, Indexed()).ShouldBeNull();
        Narrowed(new AllowedNodesFilter(), new PlacementRequest { AllowedNodes = new HashSet<NodeId>() }, Indexed()).ShouldBeNull();
    }

    [Fact]
    public void What_was_taken_out_before_stays_out()
    {
        using var candidates = new SlotSet(Nodes.Length);
        candidates.Remove(0);

        new ConstraintFilter().For(Asking("disk==ssd", "zone!=x"))!.Narrow(Indexed(), candidates).ShouldBeTrue();

        candidates.Contains(0).ShouldBeFalse();
        candidates.Contains(1).ShouldBeTrue();
        candidates.Count.ShouldBe(1);
    }

    [Fact]
    public void What_was_taken_out_before_stays_out_when_there_is_no_answer()
    {
        using var candidates = new SlotSet(Nodes.Length);
        candidates.Remove(1);

        new ConstraintFilter().For(Asking("disk==ssd", "zone!=x"))!.Narrow(Indexed(term => term.Key == "disk"), candidates).ShouldBeFalse();

        candidates.Contains(1).ShouldBeFalse();
        candidates.Count.ShouldBe(Nodes.Length - 1);
    }

    [Fact]
    public void A_question_that_was_answered_is_not_asked_of_nodes_again()
    {
        var cluster = new TestCluster([.. Enumerable.Range(0, 300).Select(number => Make.Node(number, labels: number == 200 ? "disk=ssd" : "disk=hdd"))]);
        var indexed = new IndexedCluster(cluster);

        var placed = Placement.Standard.Decide(Asking("disk==ssd"), indexed).ShouldBeOfType<Placed>();

        placed.Winner.Name.ShouldBe("node-200");
        placed.Refused.ShouldBe([new("constraint", 299)]);
        placed.NodesExamined.ShouldBe(300);
        indexed.Offered.ShouldBe(0);
    }

    [Fact]
    public void A_scan_stops_where_nothing_can_win_any_more()
    {
        var cluster = new TestCluster([.. Enumerable.Range(0, 1000).Select(number => Make.Node(number, containers: number % 10 == 0 ? 0 : 5))]);
        var indexed = new IndexedCluster(cluster);

        var placed = Placement.Standard.Decide(new PlacementRequest(), indexed).ShouldBeOfType<Placed>();

        placed.Winner.Containers.ShouldBe(0);
        indexed.Offered.ShouldBeInRange(4, 50);
    }

    [Fact]
    public void A_refusal_in_a_large_cluster_counts_every_node()
    {
        var cluster = new TestCluster([.. Enumerable.Range(0, 300).Select(number => Make.Node(number, number < 100 ? NodeState.Down : NodeState.Ready, labels: "disk=hdd"))]);

        var refusal = Placement.Standard.Decide(Asking("disk==ssd"), new IndexedCluster(cluster)).ShouldBeOfType<Unplaceable>();

        refusal.Text.ShouldBe("0 of 300 nodes fit: 200 miss label disk=ssd, 100 are Down");
        refusal.Refused.ShouldBe([new("health", 100), new("constraint", 200)]);
    }

    private static PlacementRequest Asking(params string[] constraints) => new() { Constraints = Make.Constraints(constraints) };

    private static IndexedCluster Indexed(Func<Term, bool>? answers = null) => new(new TestCluster(Nodes), answers);
}
