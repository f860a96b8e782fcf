using ControlPlane.Agent.Engine;
using ControlPlane.Agent.Hosting;
using ControlPlane.Agent.Inventory;
using ControlPlane.Contracts.Agents;

namespace ControlPlane.Agent.Commands;

/// <summary>
/// Reads what a command touched into the inventory before its result goes out. A look has a deadline of its own, and one that fails
/// fails no command: that one has its answer, and the event stream brings the rest.
/// </summary>
internal sealed class InventoryLook(EngineReader reader, InventoryStore store, ImagePlatforms platforms, AgentDeadlines deadlines, TimeProvider time)
{
    /// <returns>The container as it is now in the inventory; null when it is gone, or when the engine does not answer.</returns>
    public async Task<ContainerReport?> ContainerAsync(string engineId)
    {
        using var deadline = new CancellationTokenSource(deadlines.CommandInspect, time);
        var mark = store.Mark();
        try
        {
            var report = await reader.InspectAsync(engineId, deadline.Token);
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
            return null;
        }
    }

    public Task ImagesAsync() => ListAsync(async (mark, token) => store.SetImages(platforms.Fill(await reader.ListImagesAsync(token)), mark));

    public Task NetworksAsync() => ListAsync(async (mark, token) => store.SetNetworks(await reader.ListNetworksAsync(token), mark));

    public Task VolumesAsync() => ListAsync(async (mark, token) => store.SetVolumes(await reader.ListVolumesAsync(token), mark));

    /// <summary>Reads the volumes when the container has one that is not known: the engine made it with the container.</summary>
    public Task VolumesOfAsync(ContainerReport? container)
    {
        var named = container?.MountPoints.Where(mount => mount.Type == "volume").Select(mount => mount.Name).ToList();
        return named is null or [] || store.HasVolumes(named) ? Task.CompletedTask : VolumesAsync();
    }

    private async Task ListAsync(Func<long, CancellationToken, Task> look)
    {
        using var deadline = new CancellationTokenSource(deadlines.CommandList, time);
        try
        {
            await look(store.Mark(), deadline.Token);
        }
        catch (Exception)
        {
            // The event that follows the change asks for the list again.
        }
    }
}
