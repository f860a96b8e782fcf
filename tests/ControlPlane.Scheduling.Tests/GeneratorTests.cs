using CsCheck;

namespace ControlPlane.Scheduling.Tests;

/// <summary>Properties prove nothing about what the generators never make.</summary>
public sealed class GeneratorTests
{
    [Fact]
    public void Every_filter_is_the_only_one_that_refuses_a_node_now_and_then()
    {
        var alone = Samples().SelectMany(sample => sample.Cluster.Slots.OfType<TestNode>().Select(node => Oracle.Broken(sample.Request, node)))
            .Where(broken => broken.Count == 1).Select(broken => broken[0]).ToHashSet();

        alone.Order(StringComparer.Ordinal).ShouldBe(
        [
            "affinity", "allowed-nodes", "availability", "constraint", "dependency", "health", "platform", "port", "refused", "resources", "slots",
        ]);
    }

    [Fact]
    public void Some_requests_fit_some_only_without_soft_conditions_and_some_not_at_all()
    {
        var outcomes = Samples().Select(sample => Placement.Standard.Decide(sample.Request, sample.Cluster))
            .CountBy(decision => (IsPlaced: decision is Placed, decision.SoftGivenUp)).ToDictionary();

        outcomes[(true, false)].ShouldBeGreaterThan(200);
        outcomes[(true, true)].ShouldBeGreaterThan(30);
        outcomes[(false, false)].ShouldBeGreaterThan(200);
        outcomes[(false, true)].ShouldBeGreaterThan(30);
    }

    [Fact]
    public void Many_winners_have_an_equal_beside_them() =>
        Samples().Count(sample => Placement.Standard.Decide(sample.Request, sample.Cluster) is Placed { Next: [var next, ..] } placed
            && next.Weight == placed.Winner.Weight).ShouldBeGreaterThan(50);

    private static IEnumerable<(TestCluster Cluster, PlacementRequest Request)> Samples()
    {
        var random = new PCG(1, 42);
        var any = Gen.Select(Generators.Cluster, Generators.Request);
        for (var i = 0; i < 2000; i++)
        {
            yield return any.Generate(random, null, out _);
        }
    }
}
