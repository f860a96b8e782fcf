using ControlPlane.Scheduling.Filters;
using CsCheck;

namespace ControlPlane.Scheduling.Tests;

public sealed class PlacementProperties
{
    private static readonly Placement Placement = Placement.Standard;

    private static readonly Gen<(TestCluster Cluster, PlacementRequest Request)> Any = Gen.Select(Generators.Cluster, Generators.Request);

    [Fact]
    public void Decide_equals_the_naive_oracle() => Any.Sample(
        (cluster, request) => Winner(Placement.Decide(request, cluster)).ShouldBe(Oracle.Decide(request, cluster)), iter: 2000);

    [Fact]
    public void Decide_equals_the_naive_oracle_where_it_need_not_look_at_every_node() =>
        Gen.Select(Generators.LargeCluster, Generators.Request).Sample(
            (cluster, request) => Winner(Placement.Decide(request, cluster)).ShouldBe(Oracle.Decide(request, cluster)), iter: 300);

    [Fact]
    public void Decide_and_explain_agree() => Any.Sample((cluster, request) =>
        Comparable(Placement.Explain(request, cluster).Decision).ShouldBe(Comparable(Placement.Decide(request, cluster))));

    [Fact]
    public void Decide_and_explain_agree_on_everything_but_the_counts_in_a_large_cluster() =>
        Gen.Select(Generators.LargeCluster, Generators.Request).Sample(
            (cluster, request) =>
            {
                var decided = Placement.Decide(request, cluster);
                var explained = Placement.Explain(request, cluster).Decision;
                explained.NodesExamined.ShouldBe(cluster.NodeCount);
                decided.NodesExamined.ShouldBeLessThanOrEqualTo(cluster.NodeCount);
                Comparable(explained with { NodesExamined = 0, Refused = [] }).ShouldBe(Comparable(decided with { NodesExamined = 0, Refused = [] }));
            },
            iter: 300);

    [Fact]
    public void Explain_ranks_the_nodes_that_fit_and_names_a_reason_for_every_other() => Any.Sample((cluster, request) =>
    {
        var explanation = Placement.Explain(request, cluster);
        var judged = explanation.Decision.SoftGivenUp ? request.WithoutSoft() : request;

        explanation.Nodes.Count.ShouldBe(cluster.NodeCount);
        foreach (var node in explanation.Nodes)
        {
            var broken = Oracle.Broken(judged, cluster.Find(node.Node));
            (node.Score is not null).ShouldBe(broken.Count == 0);
            node.Rejections.Select(rejection => rejection.Filter).ShouldBe(broken);
            node.Rejections.ShouldAllBe(rejection => rejection.Text.Length > 0 && rejection.Summary.One.Length > 0 && rejection.Summary.Many.Length > 0);
        }

        if (explanation.Decision is Placed placed)
        {
            explanation.Nodes.TakeWhile(node => node.Score is not null).Take(4).Select(node => node.Score!.Value)
                .ShouldBe([placed.Winner, .. placed.Next]);
        }
    });

    [Fact]
    public void Counts_per_filter_and_nodes_that_fit_add_up() => Any.Sample((cluster, request) =>
    {
        var explanation = Placement.Explain(request, cluster);
        (explanation.Decision.Refused.Sum(count => count.Nodes) + explanation.Nodes.Count(node => node.Score is not null))
            .ShouldBe(cluster.NodeCount);
    });

    [Fact]
    public void Same_seed_same_answer() => Any.Sample((cluster, request) =>
        Comparable(Placement.Decide(request, cluster)).ShouldBe(Comparable(Placement.Decide(request with { }, cluster))));

    [Fact]
    public void Capacity_is_never_exceeded_and_a_port_never_shared() =>
        Gen.Select(Generators.Cluster, Generators.Request.Array[1, 30]).Sample((cluster, requests) =>
        {
            foreach (var request in requests)
            {
                if (Placement.Decide(request, cluster) is not Placed placed)
                {
                    continue;
                }

                var node = cluster.Find(placed.Node);
                request.HostPorts.Any(node.Usage.IsTaken).ShouldBeFalse();
                cluster.Run(request, placed.Node);
                node.Usage.ContainerCount.ShouldBeLessThanOrEqualTo(node.Facts.ContainerSlots ?? int.MaxValue);
                foreach (var resource in request.GenericResources)
                {
                    node.Usage.Generic[resource.Name].ShouldBeLessThanOrEqualTo(node.Facts.GenericResources[resource.Name]);
                }

                if (request.MemoryBytes > 0)
                {
                    node.Usage.ReservedMemoryBytes.ShouldBeLessThanOrEqualTo(node.Facts.Capacity.ReservableMemoryBytes);
                }

                if (request.NanoCpus > 0)
                {
                    node.Usage.ReservedNanoCpus.ShouldBeLessThanOrEqualTo(node.Facts.Capacity.ReservableNanoCpus);
                }
            }
        });

    [Fact]
    public void Hard_conditions_are_never_violated() => Any.Sample((cluster, request) =>
    {
        if (Placement.Decide(request, cluster) is Placed placed)
        {
            Oracle.Broken(request.WithoutSoft(), cluster.Find(placed.Node)).ShouldBeEmpty();
        }
    });

    [Fact]
    public void Without_soft_conditions_nothing_is_ever_given_up() => Any.Sample((cluster, request) =>
        Placement.Decide(request.WithoutSoft(), cluster).SoftGivenUp.ShouldBeFalse());

    [Fact]
    public void A_soft_condition_never_makes_a_request_unplaceable() => Any.Sample((cluster, request) =>
        (Placement.Decide(request, cluster) is Placed).ShouldBe(Placement.Decide(request.WithoutSoft(), cluster) is Placed));

    [Fact]
    public void Soft_conditions_hold_when_some_node_meets_everything() => Any.Sample((cluster, request) =>
    {
        var someNodeMeetsAll = cluster.Slots.OfType<TestNode>().Any(node => Oracle.Fits(request, node));
        Placement.Decide(request, cluster).SoftGivenUp.ShouldBe(request.HasSoft && !someNodeMeetsAll);
    });

    [Fact]
    public void An_added_empty_eligible_node_never_makes_a_request_unplaceable() => Any.Sample((cluster, request) =>
    {
        var before = Placement.Decide(request, cluster) is Placed;
        cluster.Slots.Add(Make.Node(99, memory: 64, cpus: 64).WithGeneric("gpu", 64));
        if (before)
        {
            Placement.Decide(request, cluster).ShouldBeOfType<Placed>();
        }
    });

    [Fact]
    public void A_node_that_is_added_and_can_take_it_makes_the_request_placeable() => Any.Sample((cluster, request) =>
    {
        var node = Make.Node(99, memory: 64, cpus: 64).WithGeneric("gpu", 64);
        cluster.Slots.Add(node);
        if (Oracle.Fits(request, node))
        {
            Placement.Decide(request, cluster).ShouldBeOfType<Placed>();
        }
    });

    [Fact]
    public void With_an_index_the_decision_is_the_same() =>
        Gen.Select(Generators.LargeCluster, Generators.Request).Sample(
            (cluster, request) => Ranked(Placement.Decide(request, new IndexedCluster(cluster))).ShouldBe(Ranked(Placement.Decide(request, cluster))),
            iter: 300);

    [Fact]
    public void With_an_index_that_answers_some_questions_only_the_decision_is_the_same() =>
        Gen.Select(Generators.LargeCluster, Generators.Request, Gen.Bool.Array[8]).Sample(
            (cluster, request, answered) =>
            {
                var indexed = new IndexedCluster(cluster, term => answered[(int)term.Kind]);
                Ranked(Placement.Decide(request, indexed)).ShouldBe(Ranked(Placement.Decide(request, cluster)));
            },
            iter: 300);

    [Fact]
    public void A_check_that_narrows_takes_out_exactly_the_nodes_that_fail() =>
        Gen.Select(Generators.LargeCluster, Generators.Request).Sample(
            (cluster, request) =>
            {
                foreach (var check in Checks(request))
                {
                    using var candidates = new SlotSet(cluster.SlotCount);
                    if (check.Narrow(new IndexedCluster(cluster), candidates))
                    {
                        Slots(candidates, cluster).ShouldBe(Passing(check, cluster));
                    }
                }
            },
            iter: 300);

    [Fact]
    public void A_check_that_cannot_narrow_takes_nothing_out() =>
        Gen.Select(Generators.Cluster, Generators.Request, Gen.Int[0, 3]).Sample((cluster, request, answers) =>
        {
            foreach (var check in Checks(request))
            {
                var left = answers;
                using var candidates = new SlotSet(cluster.SlotCount);
                candidates.Remove(0);
                if (!check.Narrow(new IndexedCluster(cluster, _ => left-- > 0), candidates))
                {
                    candidates.Count.ShouldBe(cluster.SlotCount - 1);
                }
            }
        });

    [Fact]
    public void Passes_and_explain_of_every_check_agree() => Any.Sample((cluster, request) =>
    {
        foreach (var check in Checks(request))
        {
            foreach (var node in cluster.Slots.OfType<TestNode>())
            {
                (check.Explain(node.View) is null).ShouldBe(check.Passes(node.View));
            }
        }
    });

    [Fact]
    public void Random_does_not_depend_on_slots() => Any.Sample((cluster, request) =>
    {
        var drawn = request with { Strategy = StrategyNames.Random, Preference = null };
        var turned = new TestCluster([null, .. cluster.Slots.AsEnumerable().Reverse()]);
        Winner(Placement.Decide(drawn, turned)).ShouldBe(Winner(Placement.Decide(drawn, cluster)));
    });

    [Fact]
    public void Replicas_with_a_preference_differ_by_at_most_one_between_zones_and_between_nodes_of_a_zone() =>
        Gen.Select(Gen.Int[1, 4], Gen.Int[1, 3], Gen.Int[1, 25], Gen.ULong).Sample(
            (zones, nodesOfZone, replicas, seed) =>
            {
                var cluster = new TestCluster([.. Enumerable.Range(0, zones * nodesOfZone).Select(number => Make.Node(number, labels: $"zone=z{number % zones}"))]);
                for (var i = 0; i < replicas; i++)
                {
                    var request = new PlacementRequest
                    {
                        Seed = seed + (ulong)i,
                        Labels = Make.Container("x", "service=s1").Labels,
                        Preference = new SpreadPreference("zone", "service", "s1"),
                    };
                    cluster.Run(request, Placement.Decide(request, cluster).ShouldBeOfType<Placed>().Node);
                }

                var nodes = cluster.Slots.OfType<TestNode>().ToArray();
                var inZones = nodes.GroupBy(node => node.Facts.Labels.Find("zone"), node => node.Usage.Held.Count).ToArray();
                (inZones.Max(zone => zone.Sum()) - inZones.Min(zone => zone.Sum())).ShouldBeLessThanOrEqualTo(1);
                inZones.ShouldAllBe(zone => zone.Max() - zone.Min() <= 1);
            },
            iter: 100);

    [Fact]
    public void Binpack_fills_one_of_equal_nodes_before_it_begins_the_next() =>
        Gen.Select(Gen.Int[1, 20], Gen.Int[1, 60], Gen.ULong).Sample(
            (nodes, containers, seed) =>
            {
                var cluster = new TestCluster([.. Enumerable.Range(1, nodes).Select(number => Make.Node(number, memory: 4))]);
                for (var i = 0; i < containers; i++)
                {
                    var request = new PlacementRequest { Seed = seed + (ulong)i, MemoryBytes = Make.GiB, Strategy = StrategyNames.Binpack };
                    if (Placement.Decide(request, cluster) is Placed placed)
                    {
                        cluster.Run(request, placed.Node);
                    }
                }

                cluster.Slots.Count(node => node!.Usage.ContainerCount is > 0 and < 4).ShouldBeLessThanOrEqualTo(1);
                cluster.Slots.Sum(node => node!.Usage.ContainerCount).ShouldBe(Math.Min(containers, nodes * 4));
            },
            iter: 100);

    [Fact]
    public void Spread_differs_by_at_most_one_on_equal_nodes() =>
        Gen.Select(Gen.Int[1, 90], Gen.Int[1, 200], Gen.ULong, Gen.Bool).Sample(
            (nodes, containers, seed, withMemory) =>
            {
                var cluster = new TestCluster([.. Enumerable.Range(1, nodes).Select(number => Make.Node(number, memory: 1024))]);
                for (var i = 0; i < containers; i++)
                {
                    var request = new PlacementRequest { Seed = seed + (ulong)i, MemoryBytes = withMemory ? Make.GiB : 0 };
                    cluster.Run(request, Placement.Decide(request, cluster).ShouldBeOfType<Placed>().Node);
                }

                var counts = cluster.Slots.Select(node => node!.Usage.ContainerCount).ToArray();
                (counts.Max() - counts.Min()).ShouldBeLessThanOrEqualTo(1);
            },
            iter: 40);

    private static IEnumerable<INodeCheck> Checks(PlacementRequest request) => StandardFilters.InOrder.Select(filter => filter.For(request)).OfType<INodeCheck>();

    private static int[] Passing(INodeCheck check, TestCluster cluster) =>
        [.. Enumerable.Range(0, cluster.SlotCount).Where(slot => cluster.Slots[slot] is { } node && check.Passes(node.View))];

    // Empty slots may be left in: they are never looked at.
    private static int[] Slots(SlotSet candidates, TestCluster cluster) =>
        [.. Enumerable.Range(0, cluster.SlotCount).Where(slot => cluster.Slots[slot] is not null && candidates.Contains(slot))];

    // Everything but the counts: an index counts what it took out at once, and leaves out what cannot win.
    private static string Ranked(PlacementDecision decision) => Comparable(decision with { NodesExamined = 0, Refused = [] });

    private static NodeId? Winner(PlacementDecision decision) => (decision as Placed)?.Node;

    // Lists in records compare by reference: flatten everything that people can see.
    private static string Comparable(PlacementDecision decision)
    {
        var common = $"{string.Join(",", decision.Refused)}|{decision.NodesExamined}/{decision.NodesTotal}|{decision.SoftGivenUp}";
        return decision switch
        {
            Placed placed => $"{placed.Winner}|{string.Join(",", placed.Next)}|{placed.Strategy}|{placed.Why}|{common}",
            Unplaceable refusal => $"{refusal.Text}|{common}",
            _ => throw new InvalidOperationException(),
        };
    }
}
