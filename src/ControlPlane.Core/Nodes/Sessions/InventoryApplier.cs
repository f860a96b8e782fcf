using ControlPlane.Contracts.Agents;
using ControlPlane.Core.Access;
using ControlPlane.Core.Containers;
using ControlPlane.Core.Data;
using ControlPlane.Core.Objects;
using ControlPlane.Core.State;

namespace ControlPlane.Core.Nodes.Sessions;

/// <summary>Brings what agents report into the cluster state: one write per message, nothing published when nothing changed.</summary>
public sealed class InventoryApplier(
    ClusterState state, ImageIndex images, NodeSyncs syncs, ObjectOwnership ownership, IEventSink sink, TimeProvider clock, EngineEventFeed? feed = null)
{
    /// <summary>False when the report cannot be taken (too large): the session is of no use.</summary>
    internal bool Apply(NodeSession session, InventoryReport report)
    {
        var inventory = session.Inventory;
        if (!report.Full)
        {
            inventory.Amend(report);
            Tell(session.NodeId, report.Events);
            ApplyDelta(session, report);
            return true;
        }

        if (!inventory.Collect(report, out var whole))
        {
            return false;
        }

        if (whole is not null)
        {
            Tell(session.NodeId, whole.Events);
            ApplyFull(session, whole);
        }

        return true;
    }

    /// <summary>A command's result carries the container as it is now; readers see it before the command's caller is answered.</summary>
    internal void ApplyResult(NodeSession session, ContainerReport container)
    {
        if (ContainerReports.IsSound(container))
        {
            state.Write(writer => Observe(writer, session, container, "command"));
        }
    }

    private void ApplyDelta(NodeSession session, InventoryReport report)
    {
        var reasons = Reasons(report.Events);
        foreach (var container in report.Containers.Where(ContainerReports.IsSound))
        {
            session.Inventory.Set(container);
        }

        foreach (var gone in report.RemovedContainers)
        {
            session.Inventory.Forget(gone);
        }

        state.Write(writer =>
        {
            if (writer.Node(session.NodeId) is null)
            {
                return;
            }

            foreach (var container in report.Containers.Where(ContainerReports.IsSound))
            {
                Observe(writer, session, container, reasons.GetValueOrDefault(container.EngineId, ""));
            }

            foreach (var engineId in report.RemovedContainers)
            {
                if (writer.ContainerByEngineId(engineId) is { Observed: not null } known
                    && string.Equals(known.NodeId, session.NodeId, StringComparison.Ordinal)
                    && string.Equals(known.Observed.EngineId, engineId, StringComparison.Ordinal))
                {
                    Gone(writer, known);
                }
            }

            Contents(writer, session.NodeId, report);
        });
        ownership.Seen(session.NodeId, report.Networks, report.Volumes);
    }

    private void ApplyFull(NodeSession session, InventoryReport report)
    {
        var sound = report.Containers.Where(ContainerReports.IsSound).ToList();
        session.Inventory.Replace(sound);
        syncs.Set(session.NodeId, report.CommandsInFlight);
        state.Write(writer =>
        {
            if (writer.Node(session.NodeId) is null)
            {
                return;
            }

            var named = sound.Select(container => container.EngineId).ToHashSet(StringComparer.Ordinal);

            // Also those loaded from the database and not seen since: they ended while nobody looked.
            foreach (var known in writer.ContainersOf(session.NodeId).Where(c => !IsNamed(c, named)).ToList())
            {
                Gone(writer, known);
            }

            foreach (var container in sound)
            {
                Observe(writer, session, container, "");
            }

            Contents(writer, session.NodeId, report);

            // Last, so that who waits for it finds the containers; published also when it was in sync before (a resync).
            writer.Put(writer.Node(session.NodeId)! with { Synced = true, SyncedAt = writer.Now }, "synced");
        });
        ownership.Seen(session.NodeId, report.Networks, report.Volumes);
    }

    private static void Observe(StateWriter writer, NodeSession session, ContainerReport report, string reason)
    {
        var nodeId = session.NodeId;
        if (writer.ContainerByEngineId(report.EngineId) is { } holder && !string.Equals(holder.NodeId, nodeId, StringComparison.Ordinal))
        {
            // Another node has shown this container. While that one lives, or when we placed it there, it keeps it: a node can report only for itself.
            if (holder.Managed || writer.Node(holder.NodeId)?.State is NodeState.Ready or NodeState.EngineDown)
            {
                session.Inventory.LeftOut = true;
                return;
            }

            writer.RemoveContainer(holder.Id, "moved");
        }

        var managed = report.ClusterId is { } clusterId ? writer.Container(clusterId) : null;
        if (managed?.Intent is { } intent && string.Equals(managed.NodeId, nodeId, StringComparison.Ordinal) && Fits(managed, intent, report))
        {
            var seen = intent with
            {
                Phase = intent.Phase == ContainerPhase.Creating ? ContainerPhase.Present : intent.Phase,
                EngineId = report.EngineId,
            };
            if (managed.Observed is { } old && seen == intent && ContainerReports.Same(old, report))
            {
                return;
            }

            writer.Put(managed with { Intent = Shared(seen, report), Observed = report, ObservedAt = writer.Now, Name = report.Name, Image = report.Image }, reason);
            return;
        }

        var known = writer.Container(report.EngineId);
        if (known is not null && !string.Equals(known.NodeId, nodeId, StringComparison.Ordinal))
        {
            return;
        }

        if (known?.Observed is { } before && ContainerReports.Same(before, report))
        {
            return;
        }

        writer.Put(
            new ContainerRecord
            {
                Id = report.EngineId,
                NodeId = nodeId,
                Name = report.Name,
                Image = report.Image,
                Collection = Collections.Unmanaged,
                CreatedAt = report.CreatedAt,
                Observed = report,
                ObservedAt = writer.Now,
                CopyOf = known?.CopyOf ?? OldCopyOf(managed, nodeId, report),
                Pulse = known?.Pulse ?? new ContainerPulse(),
            },
            reason);
    }

    /// <summary>Only what we left behind ourselves counts, by its engine id: the label alone would let anybody name a victim.</summary>
    private static string? OldCopyOf(ContainerRecord? managed, string nodeId, ContainerReport report) =>
        managed?.Intent?.Left.Any(left => left.EngineId == report.EngineId && left.NodeId == nodeId) == true ? managed.Id : null;

    /// <summary>The label alone proves nothing: anybody on the host can write it. The first container with it is ours, a second is not.</summary>
    private static bool Fits(ContainerRecord record, ContainerIntent intent, ContainerReport report) =>
        (intent.EngineId ?? record.Observed?.EngineId) is not { } expected || string.Equals(expected, report.EngineId, StringComparison.Ordinal);

    /// <summary>The report's labels are those asked for and the image's: one dictionary serves both.</summary>
    private static ContainerIntent Shared(ContainerIntent intent, ContainerReport report) =>
        intent.Labels is { } labels && labels.All(label => report.Labels.TryGetValue(label.Key, out var value) && string.Equals(value, label.Value, StringComparison.Ordinal))
            ? intent with { Labels = report.Labels }
            : intent;

    private static bool IsNamed(ContainerRecord record, HashSet<string> named) => record.EngineId is { } engineId
        ? named.Contains(engineId)
        : record.Intent is { Phase: ContainerPhase.Creating };

    private static void Gone(StateWriter writer, ContainerRecord known)
    {
        if (known.Intent is { Phase: ContainerPhase.Creating })
        {
            if (known.Observed is not null)
            {
                writer.Put(known with { Observed = null, ObservedAt = writer.Now }, "destroy");
            }
        }
        else
        {
            writer.RemoveContainer(known.Id, "destroy");
        }
    }

    private void Contents(StateWriter writer, string nodeId, InventoryReport report)
    {
        if (report.Images is null && report.Networks is null && report.Volumes is null)
        {
            return;
        }

        var node = writer.Node(nodeId)!;
        var changed = ContentFacts.With(node, report.Images, report.Networks, report.Volumes);
        writer.Put(changed, "content");
        writer.Note(ObjectKind.NodeContent, ChangeKind.Updated, nodeId, nodeId, changed.Collection, changed, "content");
        if (report.Images is not null)
        {
            images.Set(nodeId, report.Images);
        }
    }

    private static Dictionary<string, string> Reasons(IReadOnlyList<EngineEvent> events)
    {
        var reasons = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var happened in events)
        {
            reasons[happened.ObjectId] = happened.Action;
        }

        return reasons;
    }

    private void Tell(string nodeId, IReadOnlyList<EngineEvent> events)
    {
        feed?.Add(nodeId, events);
        var now = clock.GetUtcNow();
        foreach (var happened in events.Where(happened => !happened.Quiet))
        {
            sink.Add(new EventEntity
            {
                Id = Guid.CreateVersion7(now),
                At = now.UtcDateTime,
                Kind = Cut($"{happened.Type}.{happened.Action}", 100),
                NodeId = nodeId,
                ObjectId = Cut(happened.ObjectId, 128),
                ObjectName = Cut(happened.Name, 256),
                Text = Cut($"{happened.Type} {happened.Name} {happened.Action} {happened.Detail}".TrimEnd(), 1024),
            });
        }
    }

    private static string Cut(string text, int length) => text.Length <= length ? text : text[..length];
}
