using ControlPlane.Core.Data;
using ControlPlane.Core.Leadership;
using ControlPlane.Core.Nodes.Joining;
using ControlPlane.Core.State;
using Microsoft.EntityFrameworkCore;

namespace ControlPlane.Core.Nodes;

/// <summary>Brings the nodes of the database into memory, before any door opens.</summary>
public sealed class NodeLoader(IDbContextFactory<ControlPlaneDb> databases, ClusterState state, NodeKeys keys) : IWarmUp
{
    public async Task WarmUpAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var nodes = await db.Nodes.AsNoTracking().ToListAsync(cancellationToken);
        foreach (var node in nodes)
        {
            keys.Put(new NodeKey(node.Id, Convert.FromBase64String(node.PublicKey), node.Approved));
        }

        state.Write(writer =>
        {
            foreach (var node in nodes)
            {
                writer.Put(NodeRecords.From(node, writer.Now), "start");
            }
        });
    }
}
