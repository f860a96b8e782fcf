using ControlPlane.Contracts.Agents;
using ControlPlane.Contracts.Rest.Containers;
using ControlPlane.Core.Access;
using ControlPlane.Core.Audit;
using ControlPlane.Core.Data;
using ControlPlane.Core.Nodes.Sessions;
using ControlPlane.Core.Placement;
using ControlPlane.Core.State;
using ControlPlane.Scheduling;
using Microsoft.EntityFrameworkCore;

namespace ControlPlane.Core.Containers.Moving;

/// <summary>How a move to another node ended. Nothing has been sent yet.</summary>
internal abstract record Move
{
    private Move()
    {
    }

    /// <summary>The intent is on another node now, committed and published.</summary>
    public sealed record Made(LaunchOrder Order, string Node) : Move;

    /// <summary>No other node takes it; the intent is where it was.</summary>
    public sealed record Impossible(string Text) : Move;

    /// <summary>The container was removed, or is elsewhere already.</summary>
    public sealed record Gone : Move;
}

/// <summary>
/// Puts the intent of a container on another node: decide and reserve in one step, commit, publish. What is on the old node by its engine
/// id is kept as a left copy. The caller holds the launch of the container, so no create of it is under way.
/// </summary>
public sealed class ContainerMoves(
    ClusterState state, IDbContextFactory<ControlPlaneDb> databases, RegistryHealth registries, AuditTrail audit, TimeProvider clock)
{
    /// <summary>Two more than the first: a fault of the request that looks like a node's own is not carried through the whole cluster.</summary>
    internal const int FurtherNodes = 2;

    public const string EventKind = "container.moved";

    /// <summary>How the note of a moved container begins; it stays, while the note of one that waits goes with its reason.</summary>
    internal const string MovedNote = "Moved from ";

    /// <summary>The audit's word for what nobody asked for.</summary>
    public const string Rescheduled = "containers.reschedule";

    /// <summary>After a node's refusal.</summary>
    internal async Task<Move> AfterRefusalAsync(LaunchOrder order, CommandResult refusal, RefusalKind kind)
    {
        if (await ReadAsync(order.Id, order.NodeId, ContainerPhase.Creating) is not { } row)
        {
            return new Move.Gone();
        }

        var kept = KeptRequest.Read(row.RequestJson);
        if (kept.Refusals.Count >= FurtherNodes || kept.Refusals.Any(before => before.Image))
        {
            return new Move.Impossible("");
        }

        var reason = refusal.Message.Length > 0 ? refusal.Message : refusal.Code;
        kept = kept with { Refusals = [.. kept.Refusals, new NodeRefusal(order.NodeId, reason, kind == RefusalKind.Image)] };
        if (refusal.Container is { } copy)
        {
            kept = kept with { Left = [.. kept.Left, new LeftCopy(order.NodeId, copy.EngineId, row.Generation, Ran: false)] };
        }

        var holders = kind == RefusalKind.Image ? Holders(row.Image) : null;
        if (holders is { Count: 0 })
        {
            return new Move.Impossible("");
        }

        // A holder is asked because it need not pull: it does not.
        row.Pull &= holders is null;
        return await CommitAsync(row, Before.Of(row), kept, holders, Permission.ContainersCreate, $"refused it: {reason}", EventText);

        string EventText(string from, string to) => $"{order.Name} goes to {to}: {from} refused it: {reason}";
    }

    /// <summary>Away from a failed node.</summary>
    /// <param name="container">It is present on the failed node.</param>
    /// <param name="start">It ran.</param>
    /// <param name="why">For people, after the node's name: <c>failed at …</c>.</param>
    internal async Task<Move> FromFailedNodeAsync(ContainerRecord container, bool start, string why)
    {
        if (await ReadAsync(container.Id, container.NodeId, ContainerPhase.Present) is not { } row || (container.EngineId ?? row.EngineId) is not { } engineId)
        {
            return new Move.Gone();
        }

        var before = Before.Of(row);
        var kept = KeptRequest.Read(row.RequestJson);
        var origin = new LeftCopy(row.NodeId, engineId, row.Generation, Ran: true);
        kept = kept with { Refusals = [], Left = [.. kept.Left, origin], Origin = origin };
        row.Generation++;
        row.Start = start;
        row.Note = $"{MovedNote}{NameOf(row.NodeId)}, which {why}.";
        return await CommitAsync(row, before, kept, null, Rescheduled, why, (was, to) => $"{row.Name} was moved from {was}, which {why}, to {to}.");
    }

    /// <summary>No node took a container that was to be moved: it is on its old node as before. False when there is nothing to go back to.</summary>
    internal async Task<bool> BackAsync(LaunchOrder order, string note)
    {
        if (await ReadAsync(order.Id, order.NodeId, ContainerPhase.Creating) is not { } row
            || KeptRequest.Read(row.RequestJson) is not { Origin: { } origin } kept
            || state.Current.Node(origin.NodeId) is not { } home
            // Its inventory is in and the container is not: somebody has removed it there.
            || (home.Synced && state.Current.Container(origin.EngineId) is null))
        {
            return false;
        }

        var before = Before.Of(row);
        row.RequestJson = (kept with { Refusals = [], Origin = null, Left = [.. kept.Left.Where(left => left != origin)] }).Write();
        (row.NodeId, row.EngineId, row.Generation, row.Phase, row.Note) = (origin.NodeId, origin.EngineId, origin.Generation, ContainerPhase.Present, note);
        row.SpecJson = MovedSpec.On(row.SpecJson, home.Name, row.Generation);
        if (ContainerViews.ReadPlacement(row.PlacementJson) is { } placement)
        {
            row.PlacementJson = ContainerViews.WritePlacement(placement with { Node = home.Name });
        }

        return await SaveAsync(row, before, Rescheduled, AuditTrail.Failed, note, $"{row.Name} stays on {home.Name}: {note}") && Publish(row, before);
    }

    /// <summary>A copy is gone from the node where it was left: one thing less to remember, and the last word of a buried container.</summary>
    internal async Task ForgetCopyAsync(string id, string engineId, Tombstones tombstones)
    {
        await using var db = await databases.CreateDbContextAsync(CancellationToken.None);
        var row = await db.Containers.AsNoTracking().SingleOrDefaultAsync(c => c.Id == id);
        if (row is not null)
        {
            var kept = KeptRequest.Read(row.RequestJson);
            var left = kept.Left.Where(copy => copy.EngineId != engineId).ToList();
            if (row.Name is null && left.Count == 0)
            {
                await db.Containers.Where(c => c.Id == id).ExecuteDeleteAsync();
                tombstones.Remove(id);
            }
            else if (left.Count < kept.Left.Count)
            {
                var json = (kept with { Left = left }).Write();
                await db.Containers.Where(c => c.Id == id && c.RequestJson == row.RequestJson).ExecuteUpdateAsync(set => set.SetProperty(c => c.RequestJson, json));
            }
        }

        state.Write(writer =>
        {
            if (writer.Container(id) is { Intent: { } intent } container && intent.Left.Any(copy => copy.EngineId == engineId))
            {
                writer.Put(container with { Intent = intent with { Left = [.. intent.Left.Where(copy => copy.EngineId != engineId)] } }, "copy-gone");
            }
        });
    }

    private async Task<ContainerEntity?> ReadAsync(string id, string nodeId, ContainerPhase phase)
    {
        await using var db = await databases.CreateDbContextAsync(CancellationToken.None);
        return await db.Containers.AsNoTracking().SingleOrDefaultAsync(c => c.Id == id && c.NodeId == nodeId && c.Phase == phase && c.Name != null);
    }

    private async Task<Move> CommitAsync(
        ContainerEntity row, Before before, KeptRequest kept, IReadOnlySet<NodeId>? only, string action, string reason, Func<string, string, string> text)
    {
        var from = NameOf(before.NodeId);
        var now = clock.GetUtcNow().UtcDateTime;
        switch (Reserve(row, kept, only))
        {
            case ReserveResult.Unplaceable refusal:
                return new Move.Impossible(refusal.Decision.Text);
            case ReserveResult.NameTaken:
                return new Move.Impossible($"The name {row.Name} is taken by a container that was made on an engine.");
            case ReserveResult.Reserved reserved:
                try
                {
                    var cluster = state.Current;
                    var old = ContainerViews.ReadPlacement(row.PlacementJson);
                    var placement = PlacementViews.Kept(reserved.Decision, cluster, now) with
                    {
                        History = [.. old?.History ?? [], new PlacementAttemptView(from, reason, now)],
                    };
                    row.NodeId = reserved.Decision.Node.Value;
                    var to = NameOf(row.NodeId);
                    row.SpecJson = MovedSpec.On(row.SpecJson, to, row.Generation);
                    row.RequestJson = kept.Write();
                    row.PlacementJson = ContainerViews.WritePlacement(placement);
                    (row.Phase, row.EngineId) = (ContainerPhase.Creating, null);
                    if (await SaveAsync(row, before, action, AuditTrail.Ok, $"on {to}; {from} {reason}", text(from, to)))
                    {
                        if (Publish(row, before))
                        {
                            return new Move.Made(LaunchOrder.From(row) with { First = true }, to);
                        }

                        await DropAsync(row);
                    }

                    state.Write(writer => writer.Placement.Release(row.Id));
                    return new Move.Gone();
                }
                catch
                {
                    state.Write(writer => writer.Placement.Release(row.Id));
                    throw;
                }

            case var other:
                throw new InvalidOperationException($"unexpected outcome {other.GetType().Name} of a reservation");
        }
    }

    /// <summary>The name stays taken all the time: by what is known of the container until that is replaced, and by the reservation.</summary>
    private ReserveResult Reserve(ContainerEntity row, KeptRequest kept, IReadOnlySet<NodeId>? only) => state.Write(writer =>
    {
        var not = new Dictionary<NodeId, string>();
        foreach (var refusal in kept.Refusals)
        {
            not[new NodeId(refusal.NodeId)] = refusal.Reason;
        }

        foreach (var left in kept.Left)
        {
            not.TryAdd(new NodeId(left.NodeId), "an old copy of it is still there");
        }

        var request = registries.Prefer(kept.ToPlacement(row.Image, row.Id, SpecLabels.Read(row.SpecJson), state.Contents)) with { RefusedBy = not };
        if (kept is { Origin: not null, RescheduleWithVolumes: true })
        {
            // The volumes that stay behind hold it no longer; new ones are made.
            request = request with { Dependencies = [.. request.Dependencies.Where(dependency => dependency.Kind != DependencyKind.Volume)] };
        }

        return writer.Placement.DecideAndReserve(row.Id, row.Name!, only is null ? request : request with { AllowedNodes = request.AllowedNodes is { } open ? only.Where(open.Contains).ToHashSet() : only });
    });

    private async Task<bool> SaveAsync(
        ContainerEntity row, Before before, string action, string result, string detail, string text)
    {
        await using var db = await databases.CreateDbContextAsync(CancellationToken.None);
        await using var transaction = await db.Database.BeginTransactionAsync(CancellationToken.None);
        var version = ++row.Version;
        var changed = await db.Containers
            .Where(c => c.Id == row.Id && c.NodeId == before.NodeId && c.Generation == before.Generation && c.Phase == before.Phase && c.Name != null)
            .ExecuteUpdateAsync(
                set => set
                    .SetProperty(c => c.NodeId, row.NodeId)
                    .SetProperty(c => c.EngineId, row.EngineId)
                    .SetProperty(c => c.Generation, row.Generation)
                    .SetProperty(c => c.Phase, row.Phase)
                    .SetProperty(c => c.Start, row.Start)
                    .SetProperty(c => c.Pull, row.Pull)
                    .SetProperty(c => c.Note, row.Note)
                    .SetProperty(c => c.SpecJson, row.SpecJson)
                    .SetProperty(c => c.RequestJson, row.RequestJson)
                    .SetProperty(c => c.PlacementJson, row.PlacementJson)
                    .SetProperty(c => c.Version, version),
                CancellationToken.None);
        if (changed == 0)
        {
            return false;
        }

        var now = clock.GetUtcNow();
        audit.Add(db, Caller.System("move"), action, new AuditObject("container", row.Id, row.Name), result, detail.Length <= 1000 ? detail : detail[..1000]);
        db.Events.Add(new EventEntity
        {
            Id = Guid.CreateVersion7(now),
            At = now.UtcDateTime,
            Kind = EventKind,
            NodeId = row.NodeId,
            ObjectId = row.Id,
            ObjectName = row.Name,
            Text = text.Length <= 1024 ? text : text[..1024],
        });
        await db.SaveChangesAsync(CancellationToken.None);
        await transaction.CommitAsync(CancellationToken.None);
        return true;
    }

    /// <summary>It ended between the commit and its publication.</summary>
    private async Task DropAsync(ContainerEntity row)
    {
        await using var db = await databases.CreateDbContextAsync(CancellationToken.None);
        await db.Containers.Where(c => c.Id == row.Id && c.Version == row.Version && c.Name != null).ExecuteDeleteAsync(CancellationToken.None);
    }

    /// <summary>False when the container has ended meanwhile.</summary>
    private bool Publish(ContainerEntity row, Before before) => state.Write(writer =>
    {
        if (writer.Container(row.Id) is not { Intent: { } intent } known || known.NodeId != before.NodeId || intent.Generation != before.Generation)
        {
            return false;
        }

        var record = ContainerIntents.ToRecord(row) with { Pulse = known.Pulse };
        if (row.EngineId is { } engineId && writer.ContainerByEngineId(engineId) is { CopyOf: not null } back)
        {
            // Its node is back: what was an old copy is the container again.
            writer.RemoveContainer(back.Id, "moved-back");
            record = record with { Observed = back.Observed, ObservedAt = back.ObservedAt };
        }

        writer.Put(record, "moved");
        if (known.Observed is { } copy && writer.Node(before.NodeId) is { State: not State.NodeState.Down })
        {
            // Shown until it is gone. A node that is down reports it when it is back.
            writer.Put(
                new ContainerRecord
                {
                    Id = copy.EngineId,
                    NodeId = before.NodeId,
                    Name = copy.Name,
                    Image = copy.Image,
                    Collection = Collections.Unmanaged,
                    CreatedAt = copy.CreatedAt,
                    Observed = copy,
                    ObservedAt = known.ObservedAt,
                    CopyOf = row.Id,
                    Pulse = new ContainerPulse(),
                },
                "left");
        }

        return true;
    });

    private HashSet<NodeId> Holders(string image)
    {
        var reference = ImageIndex.Normal(image);
        return
        [
            .. state.Current.Nodes.Values
                .Where(node => node.Images.Any(one =>
                    one.Id == reference || one.Tags.Any(tag => ImageIndex.Normal(tag) == reference) || one.Digests.Any(digest => ImageIndex.Normal(digest) == reference)))
                .Select(node => new NodeId(node.Id)),
        ];
    }

    private string NameOf(string nodeId) => state.Current.Node(nodeId)?.Name ?? nodeId;

    /// <summary>What the row must still say for a move to be committed.</summary>
    private sealed record Before(string NodeId, int Generation, ContainerPhase Phase)
    {
        public static Before Of(ContainerEntity row) => new(row.NodeId, row.Generation, row.Phase);
    }
}
