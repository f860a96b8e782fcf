using ControlPlane.Contracts.Agents;
using ControlPlane.Core.Access;
using ControlPlane.Core.Audit;
using ControlPlane.Core.Objects;
using ControlPlane.Core.State;
using Microsoft.Extensions.Logging;

namespace ControlPlane.Core.Containers;

/// <summary>Volumes that an engine made because a new container has them belong where the container belongs.</summary>
public sealed partial class ContainerVolumes(ClusterState state, ObjectOwnership ownership, AuditTrail audit, ILogger<ContainerVolumes> logger)
{
    /// <param name="id">The container.</param>
    /// <param name="before">Its node before the create: what it had then is not the container's.</param>
    /// <param name="container">As the create left it; null when it was not made.</param>
    internal async Task KeepAsync(string id, NodeRecord? before, ContainerReport? container)
    {
        if (before is null || container is null || state.Current.Container(id) is not { Intent: { } intent } record)
        {
            return;
        }

        var made = container.MountPoints
            .Where(mount => mount is { Type: "volume", Name.Length: > 0 } && !before.Volumes.Any(volume => volume.Name == mount.Name))
            .Select(mount => mount.Name)
            .Distinct(StringComparer.Ordinal)
            .Where(name => !ownership.IsOwned(before.Id, new OwnedKey(OwnedKind.Volume, name)))
            .Select(name => ownership.New(before.Id, new OwnedKey(OwnedKind.Volume, name), record.Collection, intent.Owner))
            .ToList();
        if (made.Count == 0)
        {
            return;
        }

        try
        {
            await ownership.AddAsync(made, db =>
            {
                foreach (var volume in made)
                {
                    audit.Add(
                        db, Caller.System("launch"), Permission.VolumesCreate, new AuditObject(OwnedKind.Volume, volume.Key.Key, $"{before.Name}/{volume.Key.Key}"),
                        detail: $"with container {record.Name}, in {record.Collection}");
                }
            });
        }
        catch (Exception exception)
        {
            // The container is there and is told to be; its volumes belong to the node's collection then.
            LogNotKept(exception, record.Name);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The volumes of container {Container} could not be given to its collection; they belong to the node's.")]
    private partial void LogNotKept(Exception exception, string container);
}
