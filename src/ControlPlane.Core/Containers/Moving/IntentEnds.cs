using ControlPlane.Core.Data;
using ControlPlane.Core.State;
using Microsoft.EntityFrameworkCore;

namespace ControlPlane.Core.Containers.Moving;

/// <summary>The end of an intent: its row goes, or stays as a tombstone while a copy of the container is left on a node.</summary>
internal static class IntentEnds
{
    /// <summary>The number of rows that ended.</summary>
    public static async Task<int> EndAsync(ControlPlaneDb db, ContainerIntent? intent, string id, Tombstones tombstones, DateTime now)
    {
        if (intent?.Left is not [var left, ..])
        {
            return await db.Containers.Where(c => c.Id == id).ExecuteDeleteAsync(CancellationToken.None);
        }

        tombstones.Add(id, left.NodeId, now);
        return await db.Containers.Where(c => c.Id == id).ExecuteUpdateAsync(
            set => set.SetProperty(c => c.Phase, ContainerPhase.Removing).SetProperty(c => c.Name, (string?)null).SetProperty(c => c.NodeId, left.NodeId),
            CancellationToken.None);
    }
}
