using CsCheck;

namespace ControlPlane.Scheduling.Tests;

/// <summary>How the answer may change when the question changes a little; true without knowing what the right answer is.</summary>
public sealed class MetamorphicProperties
{
    private static readonly Placement Placement = Placement.Standard;

    private static readonly Gen<(TestCluster Cluster, PlacementRequest Request)> Any = Gen.Select(Generators.Cluster, Generators.Request);

    private static readonly Gen<(TestCluster Cluster, PlacementRequest Request)> WithoutPreference =
        Any.Select((cluster, request) => (cluster, request with { Preference = null }));

    [Fact]
    public void The_order_of_conditions_does_not_matter() => Any.Sample((cluster, request) =>
    {
        var turned = request with
        {
            Constraints = [.. request.Constraints.Reverse()],
            Affinities = [.. request.Affinities.Reverse()],
            Dependencies = [.. request.Dependencies.Reverse()],
            HostPorts = [.. request.HostPorts.Reverse()],
            GenericResources = [.. request.GenericResources.Reverse()],
        };

        Winner(turned, cluster).ShouldBe(Winner(request, cluster));
    });

    [Fact]
    public void Saying_a_condition_twice_changes_nothing() => Any.Sample((cluster, request) =>
    {
        var twice = request with
        {
            Constraints = [.. request.Constraints, .. request.Constraints],
            Affinities = [.. request.Affinities, .. request.Affinities],
            Dependencies = [.. request.Dependencies, .. request.Dependencies],
            HostPorts = [.. request.HostPorts, .. request.HostPorts],
        };

        Winner(twice, cluster).ShouldBe(Winner(request, cluster));
    });

    [Fact]
    public void A_node_that_did_not_win_may_go_and_the_winner_stays() => Gen.Select(WithoutPreference, Gen.Int[0, 11]).Sample((sample, gone) =>
    {
        var (cluster, request) = sample;
        var winner = Winner(request, cluster);
        if (gone >= cluster.SlotCount || cluster.Slots[gone]?.Facts.Id == winner)
        {
            return;
        }

        // The slot stays, as in an index: the ring does not move.
        cluster.Slots[gone] = null;
        Winner(request, cluster).ShouldBe(winner);
    });

    [Fact]
    public void When_the_winner_goes_the_next_in_rank_wins() => WithoutPreference.Sample((cluster, request) =>
    {
        if (Placement.Decide(request, cluster) is Placed { Next: [var next, ..] } placed)
        {
            cluster.Slots[cluster.Slots.FindIndex(node => node?.Facts.Id == placed.Node)] = null;
            Winner(request, cluster).ShouldBe(next.Node);
        }
    });

    [Fact]
    public void When_the_winner_refuses_the_next_in_rank_wins() => Any.Sample((cluster, request) =>
    {
        if (Placement.Decide(request, cluster) is Placed { Next: [var next, ..] } placed)
        {
            Winner(request with { RefusedBy = new Dictionary<NodeId, string>(request.RefusedBy) { [placed.Node] = "no space left on device" } }, cluster)
                .ShouldBe(next.Node);
        }
    });

    [Theory]
    [InlineData("zone==a")]
    [InlineData("disk!=ssd")]
    [InlineData("node!=/[13579]$/")]
    public void One_more_hard_constraint_never_lets_more_nodes_fit(string constraint) => Any.Sample((cluster, request) =>
        Fitting(request.WithoutSoft() with { Constraints = [.. request.WithoutSoft().Constraints, .. Make.Constraints(constraint)] }, cluster)
            .ShouldBeSubsetOf(Fitting(request.WithoutSoft(), cluster)));

    [Theory]
    [InlineData("container==db", "container!=db")]
    [InlineData("tier==web", "tier!=web")]
    [InlineData("tier==w*", "tier!=w*")]
    [InlineData("image==nginx", "image!=nginx")]
    [InlineData("image==/x$/", "image!=/x$/")]
    public void An_affinity_and_its_opposite_divide_the_nodes(string near, string far) => Any.Sample((cluster, request) =>
    {
        var plain = request.WithoutSoft() with { Affinities = [] };
        var (with, without) = (Fitting(plain with { Affinities = Make.Affinities(near) }, cluster), Fitting(plain with { Affinities = Make.Affinities(far) }, cluster));

        with.Intersect(without).ShouldBeEmpty();
        with.Concat(without).Order(StringComparer.Ordinal).ShouldBe(Fitting(plain, cluster).Order(StringComparer.Ordinal));
    });

    [Theory]
    [InlineData("zone==a", "zone!=a")]
    [InlineData("zone==*b", "zone!=*b")]
    [InlineData("node==node-1", "node!=node-1")]
    [InlineData("node.id==/[02468]$/", "node.id!=/[02468]$/")]
    public void A_constraint_and_its_opposite_divide_the_nodes(string with, string without) => Any.Sample((cluster, request) =>
    {
        var plain = request.WithoutSoft() with { Constraints = [] };
        var (meets, fails) = (Fitting(plain with { Constraints = Make.Constraints(with) }, cluster), Fitting(plain with { Constraints = Make.Constraints(without) }, cluster));

        meets.Intersect(fails).ShouldBeEmpty();
        meets.Concat(fails).Order(StringComparer.Ordinal).ShouldBe(Fitting(plain, cluster).Order(StringComparer.Ordinal));
    });

    [Fact]
    public void Asking_for_more_never_lets_more_nodes_fit() => Any.Sample((cluster, request) =>
    {
        var more = request with
        {
            MemoryBytes = request.MemoryBytes + Make.GiB,
            NanoCpus = request.NanoCpus + Make.Cpu,
            GenericResources = [new GenericResource("gpu", request.GenericResources.Sum(resource => resource.Count) + 1)],
        };

        Fitting(more.WithoutSoft(), cluster).ShouldBeSubsetOf(Fitting(request.WithoutSoft(), cluster));
    });

    [Theory]
    [InlineData("spread")]
    [InlineData("binpack")]
    public void A_winner_that_gets_sounder_still_wins(string strategy) => WithoutPreference.Sample((cluster, request) =>
    {
        var asked = request with { Strategy = strategy };
        if (Winner(asked, cluster) is { } winner)
        {
            var slot = cluster.Slots.FindIndex(node => node?.Facts.Id == winner);
            cluster.Slots[slot] = cluster.Slots[slot]!.With(facts => facts with { Health = 100 });
            Winner(asked, cluster).ShouldBe(winner);
        }
    });

    [Fact]
    public void Every_strategy_chooses_among_the_same_nodes() => WithoutPreference.Sample((cluster, request) =>
    {
        string[][] fitting = [.. Placement.Strategies.Select(strategy => Fitting(request with { Strategy = strategy }, cluster).Order(StringComparer.Ordinal).ToArray())];

        fitting.ShouldAllBe(nodes => nodes.SequenceEqual(fitting[0]));
    });

    [Fact]
    public void Request_after_request_an_index_makes_no_difference() =>
        Gen.Select(Generators.LargeCluster, Generators.Request.Array[1, 20]).Sample(
            (cluster, requests) =>
            {
                foreach (var request in requests)
                {
                    var placed = Placement.Decide(request, new IndexedCluster(cluster)) as Placed;
                    placed?.Node.ShouldBe(Oracle.Decide(request, cluster)!.Value);
                    if (placed is not null)
                    {
                        cluster.Run(request, placed.Node);
                    }
                }
            },
            iter: 100);

    [Fact]
    public void Names_of_nodes_do_not_change_who_wins() => Any.Sample((cluster, request) =>
    {
        var unnamed = request with { Constraints = [.. request.Constraints.Where(constraint => !constraint.Key.StartsWith("node", StringComparison.Ordinal))] };
        var winner = Winner(unnamed, cluster);
        var renamed = new TestCluster([.. cluster.Slots.Select(node => node?.With(facts => facts with { Name = $"x{facts.Name}" }))]);

        Winner(unnamed, renamed).ShouldBe(winner);
    });

    private static NodeId? Winner(PlacementRequest request, TestCluster cluster) => (Placement.Decide(request, cluster) as Placed)?.Node;

    private static string[] Fitting(PlacementRequest request, TestCluster cluster) =>
        [.. Placement.Explain(request, cluster).Nodes.Where(node => node.Score is not null).Select(node => node.Node.Value)];
}
