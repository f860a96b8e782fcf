using ControlPlane.Core.Data;
using ControlPlane.Core.State;
using Microsoft.EntityFrameworkCore;

namespace ControlPlane.Core.Containers;

/// <summary>Brings the intents into memory at start, before any door opens: the ledger is whole before the first create.</summary>
public sealed class ContainerLoader(IDbContextFactory<ControlPlaneDb> databases, ClusterState state, Tombstones tombstones)
{
    public async Task LoadAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var rows = await db.Containers.AsNoTracking().ToListAsync(cancellationToken);
        state.Write(writer =>
        {
            foreach (var row in rows)
            {
                if (row.Name is null)
                {
                    tombstones.Add(row.Id, row.NodeId, DateTime.MinValue);
                }
                else
                {
                    writer.Put(ContainerIntents.ToRecord(row), "loaded");
                }
            }
        });
    }
}
