using ControlPlane.Contracts.Rest.Operations;
using ControlPlane.EndToEnd.Tests.Clusters;

namespace ControlPlane.EndToEnd.Tests.MainJob;

public sealed class BulkTests(ThreeNodes nodes) : ClusterTest(nodes)
{
    [Fact]
    public async Task One_that_fails_does_not_stop_the_others_and_is_named()
    {
        var created = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => Api.RunAsync(Specs.Sleeper())));
        string[] ids = [.. created.Select(container => container.Id), "nobody"];

        var accepted = (await Api.PostAsync("/containers/bulk", new { action = "stop", ids })).As<OperationView>(202);
        var ended = await Api.OperationAsync(accepted.Id, TimeSpan.FromSeconds(15));

        ended.State.ShouldBe("failed");
        ended.Items.Count(item => item.State == "succeeded").ShouldBe(5);
        var failed = ended.Items.Single(item => item.State == "failed");
        failed.Id.ShouldBe("nobody");
        failed.Message.ShouldNotBeEmpty();
        (await Cluster.PsAsync()).ShouldAllBe(container => container.State == "exited");
        await Cluster.ShouldAgreeAsync();
    }

    [Fact]
    public async Task Many_are_removed_at_once()
    {
        var created = await Task.WhenAll(Enumerable.Range(0, 9).Select(_ => Api.RunAsync(Specs.Sleeper())));

        var accepted = (await Api.PostAsync("/containers/bulk", new { action = "remove", force = true, ids = created.Select(container => container.Id) })).As<OperationView>(202);
        var ended = await Api.OperationAsync(accepted.Id, TimeSpan.FromSeconds(20));

        ended.State.ShouldBe("succeeded");
        (await Cluster.PsAsync()).ShouldBeEmpty();
        (await Api.ContainersAsync()).ShouldBeEmpty();
    }
}
