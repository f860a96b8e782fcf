using ControlPlane.Agent.Engine;
using ControlPlane.Agent.Inventory;
using ControlPlane.Contracts.Agents;

namespace ControlPlane.Agent.Commands;

/// <summary>The look at a container after a command.</summary>
internal static class ContainerLook
{
    /// <returns>The container as it is now in the inventory; null when it is gone, or when the engine does not answer.</returns>
    public static async Task<ContainerReport?> TakeAsync(EngineReader reader, InventoryStore store, string engineId, CancellationToken cancellationToken)
    {
        var mark = store.Mark();
        try
        {
            var report = await reader.InspectAsync(engineId, cancellationToken);
            if (report is null)
            {
                store.Remove(engineId);
                return null;
            }

            store.Apply(report, mark);
            return report;
        }
        catch (Exception)
        {
            // The command itself has its answer; the event stream brings the rest.
            return null;
        }
    }
}
