using ControlPlane.Contracts.Agents;
using ControlPlane.Contracts.Rest;
using ControlPlane.Contracts.Rest.Nodes;
using ControlPlane.Core.Access;
using ControlPlane.Core.Audit;
using ControlPlane.Core.Containers;
using ControlPlane.Core.Containers.Admission;
using ControlPlane.Core.Data;
using ControlPlane.Core.Nodes.Joining;
using ControlPlane.Core.Nodes.Links;
using ControlPlane.Core.Nodes.Sessions;
using ControlPlane.Core.Results;
using ControlPlane.Core.State;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace ControlPlane.Core.Nodes;

/// <summary>What people decide about nodes.</summary>
public sealed partial class NodeService(
    IDbContextFactory<ControlPlaneDb> databases,
    ClusterState state,
    NodeQueries queries,
    NodeKeys keys,
    NodeLinks links,
    NodeSyncs syncs,
    ImageIndex images,
    Tombstones tombstones,
    AccessGate gate,
    AccessStore access,
    AuditTrail audit,
    ILogger<NodeService> logger)
{
    /// <summary>As <c>If-Match: *</c>.</summary>
    public const long AnyRevision = -1;

    /// <param name="caller">Who asks.</param>
    /// <param name="idOrName">The node.</param>
    /// <param name="patch">What to change.</param>
    /// <param name="ifMatch">The revision that the caller saw, or <see cref="AnyRevision"/>; null is refused.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<Result<NodeView>> UpdateAsync(Caller caller, string idOrName, NodePatch patch, long? ifMatch, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(patch);
        var found = await FindAsync(caller, idOrName, Permission.NodesUpdate, cancellationToken);
        if (!found.IsSuccess)
        {
            return found.Error;
        }

        if (Validate(patch, out var availability) is { } invalid)
        {
            return invalid;
        }

        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var id = found.Value.Id;
        var entity = await db.Nodes.FirstOrDefaultAsync(n => n.Id == id, cancellationToken);
        if (entity is null)
        {
            return NodeQueries.NotFound;
        }

        if (CheckRevision(ifMatch, entity.Version) is { } stale)
        {
            return stale;
        }

        var before = Decided(entity);
        var labels = NodeRecords.ReadLabels(entity.LabelsJson);
        foreach (var (key, value) in patch.Labels ?? new Dictionary<string, string?>(StringComparer.Ordinal))
        {
            labels = value is null ? labels.Remove(key) : labels.SetItem(key, value);
        }

        if (labels.Count > LabelRules.MaxLabels)
        {
            return new InvalidError("labels", $"At most {LabelRules.MaxLabels} labels.");
        }

        var generic = NodeRecords.ReadCounts(entity.GenericResourcesJson);
        foreach (var (key, count) in patch.GenericResources ?? new Dictionary<string, long?>(StringComparer.Ordinal))
        {
            generic = count is { } declared ? generic.SetItem(key, declared) : generic.Remove(key);
        }

        if (generic.Count > GenericCounts.MaxNames)
        {
            return new InvalidError("genericResources", GenericCounts.TooMany);
        }

        if (patch.Name is { } name && !string.Equals(name, entity.Name, StringComparison.Ordinal))
        {
            if (await db.Nodes.AnyAsync(n => n.Name == name, cancellationToken))
            {
                return NameTaken(name);
            }

            entity.Name = name;
        }

        if (patch.Collection is { } collection && !string.Equals(collection, entity.Collection, StringComparison.Ordinal))
        {
            if (!access.Current.Collections.ContainsKey(collection))
            {
                return new InvalidError("collection", "There is no such collection.");
            }

            // Out of one and into the other: needs the right on both.
            if (await gate.RequireAsync(caller, Permission.NodesUpdate, collection, new AuditObject("node", id, entity.Name), cancellationToken) is { } refused)
            {
                return refused;
            }

            entity.Collection = collection;
        }

        entity.LabelsJson = NodeRecords.WriteLabels(labels);
        entity.GenericResourcesJson = NodeRecords.WriteCounts(generic);
        entity.Availability = (availability ?? found.Value.Availability).ToString();
        audit.Add(
            db, caller, Permission.NodesUpdate, new AuditObject("node", id, entity.Name),
            details: AuditDetails.Changed(before, Decided(entity)) with { Parameters = patch });
        try
        {
            await db.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateConcurrencyException)
        {
            return new PreconditionError("precondition.failed", "It has been changed meanwhile; read it again.", entity.Version);
        }
        catch (DbUpdateException)
        {
            return NameTaken(entity.Name);
        }

        Publish(entity, "update");
        return queries.Get(caller, id);
    }

    /// <summary>Lets a node that waits open sessions; approving twice is done once.</summary>
    public async Task<Result<NodeView>> ApproveAsync(Caller caller, string idOrName, CancellationToken cancellationToken)
    {
        var found = await FindAsync(caller, idOrName, Permission.NodesUpdate, cancellationToken);
        if (!found.IsSuccess)
        {
            return found.Error;
        }

        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var id = found.Value.Id;
        var entity = await db.Nodes.FirstOrDefaultAsync(n => n.Id == id, cancellationToken);
        if (entity is null)
        {
            return NodeQueries.NotFound;
        }

        if (!entity.Approved)
        {
            entity.Approved = true;
            audit.Add(db, caller, Permission.NodesUpdate, new AuditObject("node", id, entity.Name), detail: "approved");
            await db.SaveChangesAsync(cancellationToken);
        }

        keys.Put(new NodeKey(id, Convert.FromBase64String(entity.PublicKey), Approved: true));
        Publish(entity, "approve");
        return queries.Get(caller, id);
    }

    /// <summary>
    /// Removes a node with everything that was asked for on it; its identity is dead afterwards. A node that works has to be forced:
    /// its containers run on without us.
    /// </summary>
    public async Task<Result<Done>> RemoveAsync(Caller caller, string idOrName, bool force, long? ifMatch, CancellationToken cancellationToken)
    {
        var found = await FindAsync(caller, idOrName, Permission.NodesRemove, cancellationToken);
        if (!found.IsSuccess)
        {
            return found.Error;
        }

        var node = found.Value;
        if (!force && node.State is NodeState.Ready or NodeState.EngineDown && !force)
        {
            return new ConflictError("node.in_use", "The node is connected. Stop its agent first, or remove it with force.");
        }

        if (ifMatch is not null && CheckRevision(ifMatch, node.Revision) is { } stale)
        {
            return stale;
        }

        await using (var db = await databases.CreateDbContextAsync(cancellationToken))
        {
            await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
            var rows = await db.Nodes.Where(n => n.Id == node.Id).ExecuteDeleteAsync(cancellationToken);
            if (rows == 0)
            {
                return NodeQueries.NotFound;
            }

            await db.OwnedObjects.Where(o => o.NodeId == node.Id).ExecuteDeleteAsync(cancellationToken);
            var ended = await db.Containers.Where(c => c.NodeId == node.Id).ExecuteDeleteAsync(cancellationToken);
            audit.Add(db, caller, Permission.NodesRemove, new AuditObject("node", node.Id, node.Name), detail: $"{ended} containers are no longer managed",
                details: AuditDetails.Asked(new { Force = force }));
            await db.SaveChangesAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }

        Forget(node);
        return Done.Value;
    }

    private void Forget(NodeRecord node)
    {
        // The identity first: no session may begin after this one has ended.
        keys.Remove(node.Id);
        foreach (var id in tombstones.Of(node.Id))
        {
            tombstones.Remove(id);
        }

        state.Write(writer =>
        {
            foreach (var container in writer.ContainersOf(node.Id).ToList())
            {
                writer.RemoveContainer(container.Id, "node-removed");
            }

            writer.RemoveNode(node.Id, "removed");
        });
        syncs.Forget(node.Id);
        images.Set(node.Id, []);
        LogRemoved(node.Name, node.Id);
        if (links.Of(node.Id) is { } link)
        {
            _ = TryAsync(link.EndAsync(new SessionEnd("node.removed", "The node was removed from the cluster.", Reconnect: false), CancellationToken.None));
        }

        // Another node may hold the same engine: what was left out of its reports is free now.
        foreach (var other in state.Current.Nodes.Keys)
        {
            if (links.Of(other) is NodeSession { Inventory.LeftOut: true } session)
            {
                _ = TryAsync(session.ResyncAsync(CancellationToken.None));
            }
        }
    }

    private async Task TryAsync(Task sending)
    {
        try
        {
            await sending;
        }
        catch (Exception exception)
        {
            LogNotTold(exception.Message);
        }
    }

    private async Task<Result<NodeRecord>> FindAsync(Caller caller, string idOrName, string permission, CancellationToken cancellationToken)
    {
        var target = new AuditObject("node", idOrName.Length <= 100 ? idOrName : idOrName[..100]);
        if (await gate.RequireAnywhereAsync(caller, permission, target, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        var found = queries.Find(caller, idOrName);
        return found.IsSuccess && await gate.RequireAsync(caller, permission, found.Value.Collection, target, cancellationToken) is { } denied ? denied : found;
    }

    private static InvalidError? Validate(NodePatch patch, out NodeAvailability? availability)
    {
        var errors = new List<FieldError>();
        availability = patch.Availability switch
        {
            "active" => NodeAvailability.Active,
            "pause" => NodeAvailability.Pause,
            "drain" => NodeAvailability.Drain,
            _ => null,
        };
        if (patch.Availability is not null && availability is null)
        {
            errors.Add(new FieldError("availability", "One of active, pause, drain."));
        }

        if (patch.Name is not null && !NodeNames.IsValid(patch.Name))
        {
            errors.Add(new FieldError("name", NodeNames.Shape));
        }

        LabelRules.Check("labels", patch.Labels, errors);
        foreach (var (key, count) in patch.GenericResources ?? new Dictionary<string, long?>(StringComparer.Ordinal))
        {
            if (count is { } declared && GenericCounts.Problem(key, declared) is { } problem)
            {
                errors.Add(new FieldError($"genericResources.{(key.Length > 40 ? key[..40] + "…" : key)}", problem));
            }
        }

        return errors.Count > 0 ? new InvalidError(errors) : null;
    }

    /// <summary>What people decide about a node.</summary>
    private static object Decided(NodeEntity node) => new
    {
        node.Name,
        node.Availability,
        node.Collection,
        Labels = NodeRecords.ReadLabels(node.LabelsJson),
        GenericResources = NodeRecords.ReadCounts(node.GenericResourcesJson),
    };

    private static PreconditionError? CheckRevision(long? ifMatch, long current) => ifMatch switch
    {
        null => new PreconditionError("precondition.required", $"Send If-Match with the revision you saw; now it is {current}.", current),
        AnyRevision => null,
        { } seen when seen == current => null,
        _ => new PreconditionError("precondition.failed", $"It has been changed meanwhile: now at revision {current}.", current),
    };

    private static ConflictError NameTaken(string name) => new("node.name_taken", $"Another node is called {name}.");

    private void Publish(NodeEntity entity, string reason) => state.Write(writer =>
    {
        if (writer.Node(entity.Id) is not { } node)
        {
            return;
        }

        var labels = NodeRecords.ReadLabels(entity.LabelsJson);
        var approved = entity.Approved && node.State == NodeState.Pending;
        writer.Put(
            node with
            {
                Name = entity.Name,
                Collection = entity.Collection,
                ServerLabels = labels,
                GenericResources = NodeRecords.ReadCounts(entity.GenericResourcesJson),
                Labels = NodeRecords.Merge(node.Description, labels),
                Availability = Enum.Parse<NodeAvailability>(entity.Availability),
                Revision = entity.Version,
                State = approved ? NodeState.Unknown : node.State,
                StateSince = approved ? writer.Now : node.StateSince,
                StateReason = approved ? "Approved; the agent has not connected yet." : node.StateReason,
            },
            reason);
    });

    [LoggerMessage(LogLevel.Information, "Node {Name} ({NodeId}) was removed.")]
    private partial void LogRemoved(string name, string nodeId);

    [LoggerMessage(LogLevel.Information, "An agent could not be told: {Cause}")]
    private partial void LogNotTold(string cause);
}
