using ControlPlane.Contracts.Rest.Containers;
using ControlPlane.Core.Access;
using ControlPlane.Core.Audit;
using ControlPlane.Core.Containers.Moving;
using ControlPlane.Core.Data;
using ControlPlane.Core.Nodes.Links;
using ControlPlane.Core.Results;
using ControlPlane.Core.State;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace ControlPlane.Core.Containers;

/// <summary>Start, stop, restart, kill, pause, unpause and remove: one command to the container's node, awaited.</summary>
public sealed class ContainerActions(
    AccessGate gate,
    ContainerQueries queries,
    ClusterState state,
    NodeLinks links,
    IDbContextFactory<ControlPlaneDb> databases,
    AuditTrail audit,
    Tombstones tombstones,
    TimeProvider clock,
    IOptions<DeadlineOptions> deadlines)
{
    /// <summary>The container afterwards; null once removed.</summary>
    /// <param name="caller">Who asks.</param>
    /// <param name="idOrName">Which one.</param>
    /// <param name="action">What to do.</param>
    /// <param name="expectedRevision">Revision that the caller has seen (<c>If-Match</c>), or null.</param>
    /// <param name="cancellationToken">Stops the waiting, not the command.</param>
    public async Task<Result<ContainerView?>> RunAsync(
        Caller caller, string idOrName, ContainerAction action, long? expectedRevision, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(action);
        var found = queries.Find(caller, idOrName);
        if (!found.IsSuccess)
        {
            return found.Error;
        }

        var container = found.Value;
        var target = new AuditObject("container", container.Id, container.Name);
        if (await gate.RequireAsync(caller, action.Permission, container.Collection, target, cancellationToken) is { } refused)
        {
            return refused;
        }

        if (expectedRevision is { } expected && container.Intent is { } intent && intent.Revision != expected)
        {
            return new PreconditionError("precondition.failed", "The container was changed meanwhile.", intent.Revision);
        }

        // On a node that is away nobody knows whether it runs: that is said, not what was known.
        var problem = Problem(container, action);
        Error? error = action is ContainerAction.Remove && problem is null ? null : ContainerReach.Problem(container, state.Current, clock.GetUtcNow().UtcDateTime);
        error ??= problem;
        error ??= (action is ContainerAction.Remove remove
            ? await RemoveAsync(container, remove)
            : await CommandAsync(container, action, cancellationToken));
        await audit.RecordAsync(
            caller, $"containers.{action.Verb}", target, error is null ? AuditTrail.Ok : AuditTrail.Failed, error?.Message, action.ToAudit(), CancellationToken.None);
        if (error is not null)
        {
            return error;
        }

        // A container that was to be removed at its end may have ended already: what was asked for has been done.
        return action is not ContainerAction.Remove && queries.Get(caller, container.Id) is { IsSuccess: true } after ? after.Value : (ContainerView?)null;
    }

    /// <summary>What can be refused without asking the engine.</summary>
    private static ConflictError? Problem(ContainerRecord container, ContainerAction action)
    {
        if (container.EngineId is null && action is not ContainerAction.Remove)
        {
            return new ConflictError("container.not_created", $"{container.Name} has not been created on its node yet. Wait for its operation, or remove it.");
        }

        return action switch
        {
            ContainerAction.Remove { Force: false } when container.State is "running" or "paused" or "restarting" =>
                new ConflictError("container.running", $"{container.Name} is {container.State}. Stop it first, or remove it with force."),
            ContainerAction.Kill when container.State is not "running" and not "paused" and not "restarting" =>
                new ConflictError("container.not_running", $"{container.Name} is not running."),
            _ => null,
        };
    }

    private async Task<Error?> CommandAsync(ContainerRecord container, ContainerAction action, CancellationToken cancellationToken)
    {
        var node = state.Current.Node(container.NodeId);
        if (ContainerReach.Problem(container, state.Current, clock.GetUtcNow().UtcDateTime) is { } away)
        {
            // The command would wait as long as its deadline lets it; the caller need not.
            return away;
        }

        var command = action.ToCommand(container.EngineId!, deadlines.Value);
        var result = await links.RunAsync(container.NodeId, command, null, cancellationToken);
        return CommandErrors.Of(result, node?.Name ?? container.NodeId);
    }

    private async Task<Error?> RemoveAsync(ContainerRecord container, ContainerAction.Remove action)
    {
        // What has begun is finished, whether the client still listens or not.
        var none = CancellationToken.None;
        var away = !links.IsConnected(container.NodeId) || (action.Force && state.Current.Node(container.NodeId) is { State: not NodeState.Ready });
        if (away && container.Managed)
        {
            return await BuryAsync(container, none);
        }

        if (container.EngineId is null)
        {
            return new ConflictError("container.not_created", $"{container.Name} is being created. Wait for its operation, or cancel that.");
        }

        if (container.Managed)
        {
            await MarkAsync(container, ContainerPhase.Removing, none);
        }

        var error = await CommandAsync(container, action, none);
        switch (error)
        {
            case null:
                await DropAsync(container, none);
                return null;
            case UnavailableError { Code: not "node.not_connected" and not "engine.unreachable" and not "node.unreachable" }:
                // Unclear: the phase says what is to be; the reconciler finishes when the node has been heard.
                return error;
            default:
                if (container.Managed)
                {
                    await MarkAsync(container, ContainerPhase.Present, none);
                }

                return error;
        }
    }

    /// <summary>The node is away: the name is free now, the engine's copy goes when the node returns.</summary>
    private async Task<Error?> BuryAsync(ContainerRecord container, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var buried = await db.Containers.Where(c => c.Id == container.Id && c.NodeId == container.NodeId).ExecuteUpdateAsync(
            set => set.SetProperty(c => c.Phase, ContainerPhase.Removing).SetProperty(c => c.Name, (string?)null), cancellationToken);
        if (buried == 0 && state.Current.Container(container.Id) is not null)
        {
            return new ConflictError("container.moved", $"{container.Name} has just been moved to another node. Try again.");
        }

        state.Write(writer =>
        {
            tombstones.Add(container.Id, container.NodeId, writer.Now);
            writer.RemoveContainer(container.Id, ContainerReasons.Tombstone);
        });
        return null;
    }

    private async Task MarkAsync(ContainerRecord container, ContainerPhase phase, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await db.Containers.Where(c => c.Id == container.Id).ExecuteUpdateAsync(set => set.SetProperty(c => c.Phase, phase), cancellationToken);
        state.Write(writer =>
        {
            if (writer.Container(container.Id) is { Intent: { } intent } current)
            {
                writer.Put(current with { Intent = intent with { Phase = phase } }, phase == ContainerPhase.Removing ? "removing" : "kept");
            }
        });
    }

    private async Task DropAsync(ContainerRecord container, CancellationToken cancellationToken)
    {
        if (container.Managed)
        {
            await using var db = await databases.CreateDbContextAsync(cancellationToken);
            await IntentEnds.EndAsync(db, (state.Current.Container(container.Id) ?? container).Intent, container.Id, tombstones, state.Write(writer => writer.Now));
        }

        state.Write(writer => writer.RemoveContainer(container.Id, ContainerReasons.Removed));
    }
}
