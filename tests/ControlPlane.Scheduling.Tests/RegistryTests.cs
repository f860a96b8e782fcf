using ControlPlane.Scheduling.Filters;
using ControlPlane.Scheduling.Strategies;

namespace ControlPlane.Scheduling.Tests;

public sealed class RegistryTests
{
    [Fact]
    public void Two_strategies_of_one_name_are_an_error() =>
        Should.Throw<ArgumentException>(() => new Placement([], [new SpreadStrategy(), new SpreadStrategy()]));

    [Fact]
    public void A_filter_is_added_by_naming_it_in_the_list()
    {
        var placement = new Placement([.. StandardFilters.InOrder, new OddNodes()], StandardStrategies.All);

        placement.Decide(new PlacementRequest(), new TestCluster(Make.Node(2), Make.Node(4)))
            .ShouldBeOfType<Unplaceable>().Text.ShouldBe("0 of 2 nodes fit: 2 are even");
        placement.Explain(new PlacementRequest(), new TestCluster(Make.Node(2), Make.Node(3)))
            .Nodes.Select(node => $"{node.Name} {node.Rejections.Count}").ShouldBe(["node-3 0", "node-2 1"]);
    }

    [Fact]
    public void Of_one_strategy_people_are_told_in_the_singular() =>
        new Placement([], [new SpreadStrategy()]).ProblemWithStrategy("best").ShouldBe("the strategy 'best' is unknown; there is spread");

    [Fact]
    public void An_unknown_strategy_gives_nothing_up_and_looks_at_nobody()
    {
        var request = new PlacementRequest { Strategy = "Spread", Constraints = Make.Constraints("zone==~a") };

        var refusal = Placement.Standard.Decide(request, new TestCluster(Make.Node(1))).ShouldBeOfType<Unplaceable>();

        refusal.SoftGivenUp.ShouldBeFalse();
        refusal.NodesExamined.ShouldBe(0);
        refusal.NodesTotal.ShouldBe(1);
        refusal.Refused.ShouldBeEmpty();
        Placement.Standard.Explain(request, new TestCluster(Make.Node(1))).Nodes.ShouldBeEmpty();
    }

    [Fact]
    public void No_request_and_no_view_are_bugs_of_the_caller()
    {
        Should.Throw<ArgumentNullException>(() => Placement.Standard.Decide(null!, new TestCluster()));
        Should.Throw<ArgumentNullException>(() => Placement.Standard.Decide(new PlacementRequest(), null!));
        Should.Throw<ArgumentNullException>(() => Placement.Standard.Explain(null!, new TestCluster()));
        Should.Throw<ArgumentNullException>(() => Placement.Standard.Explain(new PlacementRequest(), null!));
    }

    private sealed class OddNodes : INodeFilter, INodeCheck
    {
        public string Name => "odd";

        public INodeCheck For(PlacementRequest request) => this;

        public bool Passes(in NodeView node) => (node.Name[^1] - '0') % 2 == 1;

        public Rejection? Explain(in NodeView node) => Passes(node) ? null : new Rejection("is even", new RefusalPhrase("is even", "are even"));
    }
}
