namespace ControlPlane.Scheduling.Tests;

/// <summary>When an index is asked, what is asked of it, and that no node is missed or looked at twice.</summary>
public sealed class SearchTests
{
    private static readonly PlacementRequest Ssd = new() { Constraints = Make.Constraints("disk==ssd") };

    [Theory]
    [InlineData(64, false)]
    [InlineData(65, true)]
    public void A_small_cluster_is_walked_whole(int nodes, bool isIndexAsked)
    {
        var indexed = Equal(nodes);

        Placement.Standard.Decide(new PlacementRequest(), indexed).ShouldBeOfType<Placed>().NodesTotal.ShouldBe(nodes);

        (indexed.Asked.Count > 0).ShouldBe(isIndexAsked);
    }

    [Fact]
    public void An_explanation_asks_no_index()
    {
        var indexed = Equal(300);

        Placement.Standard.Explain(new PlacementRequest(), indexed).Nodes.Count.ShouldBe(300);

        indexed.Asked.ShouldBeEmpty();
        indexed.Scans.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(16, false)]
    [InlineData(17, true)]
    public void Few_candidates_are_walked_and_more_are_scanned(int candidates, bool isScanned)
    {
        var indexed = Labelled(300, Enumerable.Range(100, candidates));

        Placement.Standard.Decide(Ssd, indexed).ShouldBeOfType<Placed>();

        (indexed.Scans.Count > 0).ShouldBe(isScanned);
    }

    [Fact]
    public void The_only_candidate_is_found_wherever_the_ring_begins()
    {
        foreach (var slot in new[] { 0, 1, 63, 64, 150, 298, 299 })
        {
            for (var seed = 0UL; seed < 20; seed++)
            {
                var placed = Placement.Standard.Decide(Ssd with { Seed = seed }, Labelled(300, [slot])).ShouldBeOfType<Placed>();

                placed.Winner.Name.ShouldBe($"node-{slot}");
                placed.NodesExamined.ShouldBe(300);
            }
        }
    }

    [Fact]
    public void Candidates_are_looked_at_in_ring_order_and_once()
    {
        int[] slots = [0, 40, 80, 120, 160, 200, 240, 280, 299];
        for (var seed = 0UL; seed < 100; seed++)
        {
            var indexed = Labelled(300, slots);
            var start = SlotRing.Start(indexed, seed);

            var placed = Placement.Standard.Decide(Ssd with { Seed = seed }, indexed).ShouldBeOfType<Placed>();

            placed.Next.Prepend(placed.Winner).Select(score => score.Name)
                .ShouldBe(slots.OrderBy(slot => (slot - start + 300) % 300).Take(4).Select(slot => $"node-{slot}"));
            placed.NodesExamined.ShouldBe(300);
        }
    }

    [Theory]
    [InlineData("disk==ssd", "disk", "ssd")]
    [InlineData("disk==~ssd", "disk", "ssd")]
    [InlineData("disk!=hdd", null, null)]
    [InlineData("disk==s*", null, null)]
    [InlineData("node!=node-1", null, null)]
    public void A_label_that_every_winner_has_is_the_group_of_the_scan(string constraint, string? key, string? value)
    {
        var indexed = Labelled(300, Enumerable.Range(0, 200));

        Placement.Standard.Decide(new PlacementRequest { Constraints = Make.Constraints(constraint) }, indexed).ShouldBeOfType<Placed>();

        indexed.Scans.ShouldHaveSingleItem().Group.ShouldBe(key is null ? null : new Term(TermKind.Label, key, value!));
    }

    [Theory]
    [InlineData("spread", false, RankOrder.LowestWeight)]
    [InlineData("binpack", false, RankOrder.HighestWeight)]
    [InlineData("random", false, RankOrder.Other)]
    [InlineData("spread", true, RankOrder.Other)]
    public void A_scan_knows_the_order_and_what_is_asked(string strategy, bool withPreference, RankOrder order)
    {
        var indexed = Equal(300);
        var request = new PlacementRequest
        {
            Strategy = strategy,
            MemoryBytes = Make.GiB,
            NanoCpus = Make.Cpu,
            Seed = 5,
            Preference = withPreference ? new SpreadPreference("zone", "service", "s1") : null,
        };

        Placement.Standard.Decide(request, indexed).ShouldBeOfType<Placed>();

        indexed.Scans.ShouldBe([new RankScan(SlotRing.Start(indexed, 5), order, Make.GiB, Make.Cpu, Group: null)]);
    }

    [Fact]
    public void What_has_no_order_is_looked_at_whole()
    {
        var indexed = Equal(300);

        Placement.Standard.Decide(new PlacementRequest { Strategy = StrategyNames.Random }, indexed).ShouldBeOfType<Placed>().NodesExamined.ShouldBe(300);

        indexed.Offered.ShouldBe(300);
    }

    [Fact]
    public void Soft_conditions_that_some_node_meets_are_not_given_up()
    {
        var placed = Placement.Standard.Decide(new PlacementRequest { Constraints = Make.Constraints("disk==~ssd") }, Labelled(300, [7])).ShouldBeOfType<Placed>();

        placed.SoftGivenUp.ShouldBeFalse();
        placed.Winner.Name.ShouldBe("node-7");
    }

    [Fact]
    public void What_an_index_answered_no_node_is_asked_again()
    {
        var filter = new Counting();
        var placement = new Placement([filter], Strategies.StandardStrategies.All);

        placement.Decide(new PlacementRequest(), Equal(300)).ShouldBeOfType<Placed>();

        filter.Asked.ShouldBe(0);
    }

    private static IndexedCluster Equal(int nodes) => new(new TestCluster([.. Enumerable.Range(0, nodes).Select(number => Make.Node(number))]));

    private static IndexedCluster Labelled(int nodes, IEnumerable<int> withSsd)
    {
        var chosen = withSsd.ToHashSet();
        return new(new TestCluster([.. Enumerable.Range(0, nodes).Select(number => Make.Node(number, labels: chosen.Contains(number) ? "disk=ssd" : "disk=hdd"))]));
    }

    private sealed class Counting : INodeFilter, INodeCheck
    {
        public int Asked { get; private set; }

        public string Name => "counting";

        public INodeCheck For(PlacementRequest request) => this;

        public bool Narrow(IClusterView view, SlotSet candidates) => true;

        public bool Passes(in NodeView node)
        {
            Asked++;
            return true;
        }

        public Rejection? Explain(in NodeView node) => null;
    }
}
