using ControlPlane.Lab;

namespace ControlPlane.EndToEnd.Tests.Clusters;

/// <summary>One cluster of three nodes for all tests that leave it as it was. node-1 and node-2 are zone a, node-3 is zone b.</summary>
public sealed class ThreeNodes : IAsyncLifetime
{
    public const string Collection = "three nodes";

    private TestCluster? _cluster;

    internal TestCluster Cluster => _cluster ?? throw new InvalidOperationException("The cluster has not been started.");

    public async ValueTask InitializeAsync() => _cluster = await TestCluster.StartAsync(
        new LabOptions
        {
            Directory = LabDirectory.CreateTemporary(),
            Nodes = 3,
            NodeLabels = new Dictionary<string, IReadOnlyDictionary<string, string>>
            {
                ["node-1"] = new Dictionary<string, string> { ["zone"] = "a" },
                ["node-2"] = new Dictionary<string, string> { ["zone"] = "a" },
                ["node-3"] = new Dictionary<string, string> { ["zone"] = "b" },
            },
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

/// <summary>Tests that share the cluster, one after the other.</summary>
[CollectionDefinition(ThreeNodes.Collection)]
public sealed class ThreeNodesCollection : ICollectionFixture<ThreeNodes>;
