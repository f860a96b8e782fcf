namespace ControlPlane.EndToEnd.Tests.Clusters;

/// <summary>A test on the shared cluster; it begins and ends with an empty one.</summary>
[Collection(ThreeNodes.Collection)]
public abstract class ClusterTest(ThreeNodes nodes) : IAsyncLifetime
{
    internal TestCluster Cluster { get; } = nodes.Cluster;

    internal ClusterApi Api => Cluster.Api;

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await Cluster.ResetAsync();
    }
}
