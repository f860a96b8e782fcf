using ControlPlane.EndToEnd.Tests.Clusters;

namespace ControlPlane.EndToEnd.Tests.MainJob;

public sealed class SpreadTests(ThreeNodes nodes) : ClusterTest(nodes)
{
    [Fact]
    public async Task Thirty_creates_of_eight_clients_are_ten_on_each_of_three_equal_nodes()
    {
        await Parallel.ForEachAsync(
            Enumerable.Range(0, 30),
            new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = Cancellation },
            async (i, _) => await Api.RunAsync(Specs.Sleeper($"spread-{i}", spec => spec["start"] = false)));

        (await Cluster.PsAsync()).CountBy(container => container.Node).Select(group => group.Value).ShouldBe([10, 10, 10]);
        await Cluster.ShouldAgreeAsync();
    }
}
