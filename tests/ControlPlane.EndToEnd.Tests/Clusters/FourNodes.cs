using ControlPlane.Lab;

namespace ControlPlane.EndToEnd.Tests.Clusters;

/// <summary>A cluster to break: three nodes can be in trouble at once, and somebody works on the fourth.</summary>
public sealed class FourNodes : IAsyncLifetime
{
    public const string Collection = "four nodes to break";

    private TestCluster? _cluster;

    internal TestCluster Cluster => _cluster ?? throw new InvalidOperationException("The cluster has not been started.");

    public async ValueTask InitializeAsync() => _cluster = await TestCluster.StartAsync(
        new LabOptions
        {
            Directory = LabDirectory.CreateTemporary(),
            Nodes = 4,
            // A minute after each start in which nobody is Down is right for people and too long for tests that start servers.
            ServerArguments = ["--Nodes:Monitor:StartAmnestySeconds", "5"],
        },
        CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        if (_cluster is not null)
        {
            await _cluster.DisposeAsync();
        }
    }
}

/// <summary>Tests that break the same cluster, one after the other.</summary>
[CollectionDefinition(FourNodes.Collection)]
public sealed class FourNodesCollection : ICollectionFixture<FourNodes>;

/// <summary>A test that breaks something and leaves the cluster whole and empty.</summary>
[Collection(FourNodes.Collection)]
public abstract class FaultTest(FourNodes nodes) : IAsyncLifetime
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
