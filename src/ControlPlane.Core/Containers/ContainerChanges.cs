using ControlPlane.Contracts.Agents;
using ControlPlane.Contracts.Rest.Containers;
using ControlPlane.Core.Access;
using ControlPlane.Core.Audit;
using ControlPlane.Core.Containers.Admission;
using ControlPlane.Core.Data;
using ControlPlane.Core.Nodes.Links;
using ControlPlane.Core.Results;
using ControlPlane.Core.State;
using ControlPlane.Engine.Containers;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace ControlPlane.Core.Containers;

/// <summary>Changes of the intent of a container that exists: its name and its limits.</summary>
public sealed class ContainerChanges(
    AccessGate gate,
    ContainerQueries queries,
    AdmissionCheck admission,
    AdmissionGate admissions,
    SharedContainers specs,
    ClusterState state,
    NodeLinks links,
    IDbContextFactory<ControlPlaneDb> databases,
    AuditTrail audit,
    IOptions<DeadlineOptions> deadlines)
{
    /// <summary>As <c>If-Match: *</c>.</summary>
    public const long AnyRevision = -1;

    public async Task<Result<ContainerView>> RenameAsync(
        Caller caller, string idOrName, ContainerRenameRequest request, long? expectedRevision, CancellationToken cancellationToken)
    {
        var found = await FindAsync(caller, idOrName, Permission.ContainersRename, expectedRevision, cancellationToken);
        if (!found.IsSuccess)
        {
            return found.Error;
        }

        var admitted = ContainerUpdateAdmission.Admit(request);
        if (!admitted.IsValid)
        {
            return new InvalidError(admitted.Errors);
        }

        var (container, name) = (found.Value, admitted.Value);
        if (ShortIds.Problem(name, state.Current) is { } shadow)
        {
            return shadow;
        }

        if (!state.Write(writer => writer.Placement.TryReserveName(container.Id, name)))
        {
            return new ConflictError("container.name_taken", $"The name {name} is taken.");
        }

        try
        {
            var command = new RenameContainer { Id = CommandId("rename"), EngineId = container.EngineId!, NewName = name, DeadlineMilliseconds = Deadline };
            return await ApplyAsync(caller, container, command, $"to {name}", request, row => row.Name = name);
        }
        finally
        {
            state.Write(writer => writer.Placement.Release(container.Id));
        }
    }

    public async Task<Result<ContainerView>> UpdateAsync(
        Caller caller, string idOrName, ContainerUpdateRequest request, long? expectedRevision, CancellationToken cancellationToken)
    {
        var found = await FindAsync(caller, idOrName, Permission.ContainersUpdate, expectedRevision, cancellationToken);
        if (!found.IsSuccess)
        {
            return found.Error;
        }

        var admitted = ContainerUpdateAdmission.Admit(request);
        if (!admitted.IsValid)
        {
            return new InvalidError(admitted.Errors);
        }

        return await UpdateAsync(caller, found.Value, admitted.Value, request, AdmissionForm.RestChange, cancellationToken);
    }

    /// <summary>The same as the Docker API has it, where 0 leaves a limit as it is.</summary>
    public async Task<Result<ContainerView>> UpdateAsync(Caller caller, string idOrName, UpdateSpec change, CancellationToken cancellationToken)
    {
        var found = await FindAsync(caller, idOrName, Permission.ContainersUpdate, AnyRevision, cancellationToken);
        return found.IsSuccess ? await UpdateAsync(caller, found.Value, SpecChange.WithoutUnchanged(change), change, AdmissionForm.Engine, cancellationToken) : found.Error;
    }

    private async Task<Result<ContainerView>> UpdateAsync(
        Caller caller, ContainerRecord container, UpdateSpec change, object request, AdmissionForm form, CancellationToken cancellationToken)
    {
        var limit = change.Memory ?? container.Observed?.MemoryBytes ?? 0;
        var reservation = change.MemoryReservation ?? container.Observed?.MemoryReservationBytes ?? 0;
        if (limit > 0 && reservation > limit)
        {
            return new InvalidError(form == AdmissionForm.Engine ? "MemoryReservation" : "memoryReservationBytes", $"must not be more than the memory limit, which is {limit} bytes");
        }

        if (await specs.SpecOfAsync(container.Id, cancellationToken) is not { } before)
        {
            return ContainerQueries.NotFound(container.Id);
        }

        var refusals = admission.Update(caller, container.Collection, before, change);
        if (await admissions.RefuseAsync(caller, Permission.ContainersUpdate, Target(container), refusals, form, cancellationToken) is { } notAdmitted)
        {
            return notAdmitted;
        }

        var command = new UpdateContainer
        {
            Id = CommandId("update"),
            EngineId = container.EngineId!,
            SpecJson = System.Text.Encoding.UTF8.GetString(ContainerSpecWriter.Write(change)),
            DeadlineMilliseconds = Deadline,
        };
        return await ApplyAsync(caller, container, command, null, request, row =>
        {
            var kept = KeptRequest.Read(row.RequestJson);
            row.RequestJson = (kept with
            {
                MemoryBytes = reservation > 0 ? reservation : limit,
                NanoCpus = change.NanoCpus ?? kept.NanoCpus,
            }).Write();
            // Whoever makes it anew elsewhere makes it as it is now.
            row.SpecJson = SpecChange.Apply(row.SpecJson, change);
        });
    }

    private int Deadline => 1000 * deadlines.Value.CommandSeconds;

    private static string CommandId(string verb) => $"{verb}-{Guid.NewGuid():N}";

    private async Task<Result<ContainerRecord>> FindAsync(
        Caller caller, string idOrName, string permission, long? expectedRevision, CancellationToken cancellationToken)
    {
        var found = queries.Find(caller, idOrName);
        if (!found.IsSuccess)
        {
            return found;
        }

        var container = found.Value;
        if (await gate.RequireAsync(caller, permission, container.Collection, Target(container), cancellationToken) is { } refused)
        {
            return refused;
        }

        if (container.Intent is not { } intent)
        {
            return new ConflictError("container.unmanaged", $"{container.Name} was made directly on its engine; it can be started, stopped and removed, but not changed here.");
        }

        if (expectedRevision is null)
        {
            return new PreconditionError("precondition.required", "Send If-Match with the container's ETag.", intent.Revision);
        }

        if (expectedRevision != AnyRevision && intent.Revision != expectedRevision)
        {
            return new PreconditionError("precondition.failed", "The container was changed meanwhile.", intent.Revision);
        }

        return container.EngineId is null
            ? new ConflictError("container.not_created", $"{container.Name} has not been created on its node yet.")
            : container;
    }

    /// <summary>The engine first, because only it can refuse; then the intent, so that both say the same.</summary>
    private async Task<Result<ContainerView>> ApplyAsync(
        Caller caller, ContainerRecord container, AgentCommand command, string? detail, object request, Action<ContainerEntity> change)
    {
        var none = CancellationToken.None;
        var action = command is RenameContainer ? Permission.ContainersRename : Permission.ContainersUpdate;
        if (state.Current.Node(container.NodeId) is { State: NodeState.EngineDown } down)
        {
            return new UnavailableError("engine.unreachable", $"{down.Name}: {down.StateReason}");
        }

        var result = await links.RunAsync(container.NodeId, command, null, none);
        if (CommandErrors.Of(result, state.Current.Node(container.NodeId)?.Name ?? container.NodeId) is { } error)
        {
            await audit.RecordAsync(caller, action, Target(container), AuditTrail.Failed, error.Message, AuditDetails.Asked(request), none);
            return error;
        }

        await using var db = await databases.CreateDbContextAsync(none);
        var row = await db.Containers.SingleOrDefaultAsync(c => c.Id == container.Id, none);
        if (row?.Name is null)
        {
            return ContainerQueries.NotFound(container.Id);
        }

        var before = Kept(row);
        change(row);
        db.Entry(row).Property(r => r.Note).IsModified = true;
        audit.Add(
            db, caller, action, Target(container), AuditTrail.Ok, detail, AuditDetails.Changed(before, Kept(row)) with { Parameters = request });
        await db.SaveChangesAsync(none);
        state.Write(writer =>
        {
            if (writer.Container(container.Id) is { } current)
            {
                writer.Put(current with { Intent = ContainerIntents.ToIntent(row), Name = current.Observed?.Name ?? row.Name }, command is RenameContainer ? "rename" : "update");
            }
        });
        return queries.Get(caller, container.Id);
    }

    /// <summary>What of the intent can be changed.</summary>
    private static object Kept(ContainerEntity row) => new { row.Name, Request = AuditJson.Parse(row.RequestJson) };

    private static AuditObject Target(ContainerRecord container) => new("container", container.Id, container.Name);
}
