using CsCheck;

namespace ControlPlane.Scheduling.Tests;

public sealed class PlacementProperties
{
    private static readonly Placement Placement = Placement.Standard;

    private static readonly Gen<(TestCluster Cluster, PlacementRequest Request)> Any = Gen.Select(Generators.Cluster, Generators.Request);

    [Fact]
    public void Decide_equals_the_naive_oracle() => Any.Sample((cluster, request) =>
        Winner(Placement.Decide(request, cluster)).ShouldBe(Oracle.Decide(request, cluster)));

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
            var fits = Oracle.Fits(judged, cluster.Find(node.Node));
            (node.Score is not null).ShouldBe(fits);
            (node.Rejections.Count == 0).ShouldBe(fits);
            node.Rejections.ShouldAllBe(rejection => rejection.Filter.Length > 0 && rejection.Text.Length > 0);
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
    public void Hard_constraints_are_never_violated() => Any.Sample((cluster, request) =>
    {
        if (Placement.Decide(request, cluster) is Placed placed)
        {
            request.Constraints.Where(constraint => !constraint.IsSoft)
                .ShouldAllBe(constraint => constraint.IsMetBy(cluster.Find(placed.Node).View));
        }
    });

    [Fact]
    public void A_soft_constraint_never_makes_a_request_unplaceable() => Any.Sample((cluster, request) =>
        (Placement.Decide(request, cluster) is Placed).ShouldBe(Placement.Decide(request.WithoutSoft(), cluster) is Placed));

    [Fact]
    public void Soft_constraints_hold_when_some_node_meets_everything() => Any.Sample((cluster, request) =>
    {
        var someNodeMeetsAll = cluster.Slots.OfType<TestNode>().Any(node => Oracle.Fits(request, node));
        Placement.Decide(request, cluster).SoftGivenUp.ShouldBe(request.HasSoft && !someNodeMeetsAll);
    });

    [Fact]
    public void An_added_empty_eligible_node_never_makes_a_request_unplaceable() => Any.Sample((cluster, request) =>
    {
        var before = Placement.Decide(request, cluster) is Placed;
        cluster.Slots.Add(Make.Node(99, memory: 64, cpus: 64));
        if (before)
        {
            Placement.Decide(request, cluster).ShouldBeOfType<Placed>();
        }
    });

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
