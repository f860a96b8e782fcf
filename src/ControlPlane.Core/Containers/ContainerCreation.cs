using System.Data.Common;
using ControlPlane.Contracts.Rest.Containers;
using ControlPlane.Contracts.Rest.Operations;
using ControlPlane.Core.Access;
using ControlPlane.Core.Audit;
using ControlPlane.Core.Containers.Admission;
using ControlPlane.Core.Containers.Moving;
using ControlPlane.Core.Data;
using ControlPlane.Core.Nodes;
using ControlPlane.Core.Operations;
using ControlPlane.Core.Placement;
using ControlPlane.Core.Results;
using ControlPlane.Core.State;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace ControlPlane.Core.Containers;

/// <summary>A create that was accepted. The container is set when it was done within the wait.</summary>
public sealed record ContainerCreated(string Id, OperationView Operation, ContainerView? Container, PlacementView Placement);

/// <summary>
/// The one way a container comes into being, whatever door it came by: admission → decide and reserve → commit the intent → one
/// idempotent command → the node's report → the answer.
/// </summary>
public sealed class ContainerCreation(
    CreateAdmission admission,
    Authorizer authorizer,
    ClusterState state,
    IDbContextFactory<ControlPlaneDb> databases,
    OperationLog operations,
    AuditTrail audit,
    ContainerLaunches launches,
    ContainerQueries queries,
    RegistryHealth registries,
    TimeProvider clock,
    IOptions<DeadlineOptions> deadlines)
{
    public const string OperationKind = "container.create";

    /// <param name="caller">Who asks.</param>
    /// <param name="request">What for.</param>
    /// <param name="wait">How long to wait for it to be done before answering with the running operation.</param>
    /// <param name="cancellationToken">The client has gone; what was committed goes on.</param>
    public async Task<Result<ContainerCreated>> CreateAsync(
        Caller caller, ContainerCreateRequest request, TimeSpan wait, CancellationToken cancellationToken)
    {
        var prepared = await admission.PlanAsync(caller, request, cancellationToken);
        return prepared.IsSuccess ? await CreateAsync(caller, prepared.Value, AuditDetails.Asked(request), wait, cancellationToken) : prepared.Error;
    }

    /// <inheritdoc cref="CreateAsync(Caller, ContainerCreateRequest, TimeSpan, CancellationToken)"/>
    public async Task<Result<ContainerCreated>> CreateAsync(Caller caller, EngineCreate request, TimeSpan wait, CancellationToken cancellationToken)
    {
        var prepared = await admission.PlanAsync(caller, request, cancellationToken);
        return prepared.IsSuccess ? await CreateAsync(caller, prepared.Value, AuditDetails.Asked(request), wait, cancellationToken) : prepared.Error;
    }

    private async Task<Result<ContainerCreated>> CreateAsync(
        Caller caller, ContainerPlan plan, AuditDetails asked, TimeSpan wait, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow().UtcDateTime;
        if (ShortIds.Problem(plan.Name, state.Current) is { } shadow)
        {
            return shadow;
        }

        var reserved = Reserve(caller, plan, now);
        if (!reserved.IsSuccess)
        {
            await audit.RecordAsync(caller, Permission.ContainersCreate, Target(plan), AuditTrail.Failed, reserved.Error.Message, asked, cancellationToken);
            return reserved.Error;
        }

        var (nodeId, placement) = reserved.Value;
        OperationRun run;
        ContainerEntity row;
        try
        {
            // From here on a client that goes away changes nothing: the intent is committed whole or not at all.
            await using var db = await databases.CreateDbContextAsync(CancellationToken.None);
            run = operations.Prepare(db, caller, OperationKind, Target(plan), plan.Collection, cancellable: true);
            row = ContainerIntents.ToRow(plan.On(placement.Node!), nodeId, ContainerViews.WritePlacement(placement), caller.Name, run.Id, now);
            db.Containers.Add(row);
            audit.Add(db, caller, Permission.ContainersCreate, Target(plan), AuditTrail.Ok, $"on {placement.Node}", asked);
            await SaveAsync(db, plan.Name);
        }
        catch
        {
            state.Write(writer => writer.Placement.Release(plan.Id));
            throw;
        }

        state.Write(writer => writer.Put(ContainerIntents.ToRecord(row), "create"));
        operations.Begin(run);
        launches.Start(LaunchOrder.From(row) with { First = true }, run);
        await WaitAsync(run, wait, cancellationToken);
        return Answer(caller, plan, run.View, await LatestAsync(plan.Id, nodeId, placement));
    }

    /// <summary>Says where the container would go, and changes nothing.</summary>
    public async Task<Result<PlacementView>> PlanAsync(Caller caller, ContainerCreateRequest request, CancellationToken cancellationToken)
    {
        var prepared = await admission.PlanAsync(caller, request, cancellationToken);
        if (!prepared.IsSuccess)
        {
            return prepared.Error;
        }

        var plan = prepared.Value;
        return state.Write<Result<PlacementView>>(writer =>
            writer.Placement.FindByName(plan.Name) is null
                ? PlacementViews.Full(
                    writer.Placement.Explain(plan.Placement), plan.Placement.Strategy, state.Current, writer.Now, visible: new VisibleNodes(authorizer, caller, state.Current))
                : NameTaken(plan.Name));
    }

    private Result<(string NodeId, PlacementView Placement)> Reserve(Caller caller, ContainerPlan plan, DateTime now) =>
        state.Write<Result<(string, PlacementView)>>(writer => writer.Placement.DecideAndReserve(plan.Id, plan.Name, registries.Prefer(plan.Placement)) switch
        {
            ReserveResult.Reserved reserved => (reserved.Decision.Node.Value, PlacementViews.Kept(reserved.Decision, state.Current, now)),
            ReserveResult.NameTaken => NameTaken(plan.Name),
            ReserveResult.Unplaceable refusal => new PlacementError(
                refusal.Decision.Text,
                PlacementViews.Full(
                    writer.Placement.Explain(plan.Placement), plan.Placement.Strategy, state.Current, now, visible: new VisibleNodes(authorizer, caller, state.Current))),
            _ => throw new InvalidOperationException("unexpected outcome of a reservation"),
        });

    private Result<ContainerCreated> Answer(Caller caller, ContainerPlan plan, OperationView operation, PlacementView placement)
    {
        if (operation.Error is { } error)
        {
            return error.Status == 503
                ? new UnavailableError(error.Code, error.Message)
                : new EngineError(error.Code, error.Message, error.Status);
        }

        var container = operation.State == "succeeded" ? queries.Get(caller, plan.Id) : default(Result<ContainerView>?);
        return new ContainerCreated(
            plan.Id,
            operation,
            container is { IsSuccess: true } done ? done.Value with { Placement = placement } : null,
            placement);
    }

    /// <summary>
    /// The name is ours in memory. A row that still has it is of a container that was removed on its engine a moment ago and whose
    /// intent has ended; the reconciler has not come to delete it yet, or comes this moment.
    /// </summary>
    private async Task SaveAsync(ControlPlaneDb db, string name)
    {
        try
        {
            await db.SaveChangesAsync(CancellationToken.None);
        }
        catch (DbUpdateException refusal) when (refusal.InnerException is DbException { IsTransient: false })
        {
            await using var other = await databases.CreateDbContextAsync(CancellationToken.None);
            var ids = await other.Containers.Where(c => c.Name == name).Select(c => c.Id).ToListAsync(CancellationToken.None);
            if (ids.Exists(id => state.Current.Container(id) is not null))
            {
                throw;
            }

            await other.Containers.Where(c => ids.Contains(c.Id)).ExecuteDeleteAsync(CancellationToken.None);
            await db.SaveChangesAsync(CancellationToken.None);
        }
    }

    /// <summary>The placement as it is now: another one when the first node refused.</summary>
    private async Task<PlacementView> LatestAsync(string id, string first, PlacementView placement)
    {
        if (state.Current.Container(id) is not { Intent: not null } container || string.Equals(container.NodeId, first, StringComparison.Ordinal))
        {
            return placement;
        }

        await using var db = await databases.CreateDbContextAsync(CancellationToken.None);
        var json = await db.Containers.AsNoTracking().Where(c => c.Id == id).Select(c => c.PlacementJson).FirstOrDefaultAsync(CancellationToken.None);
        return json is null ? placement : ContainerViews.ReadPlacement(json) ?? placement;
    }

    private async Task WaitAsync(OperationRun run, TimeSpan wait, CancellationToken cancellationToken)
    {
        try
        {
            if (wait > TimeSpan.Zero)
            {
                var begun = clock.GetTimestamp();
                await Task.WhenAny(run.Ended, run.Stalled).WaitAsync(wait, clock, cancellationToken);

                // A node that is away for a moment is worth a moment; one that stays away is not worth what a pull may take.
                var left = wait - clock.GetElapsedTime(begun);
                var moment = TimeSpan.FromSeconds(deadlines.Value.StalledCreateSeconds);
                await run.Ended.WaitAsync(left < TimeSpan.Zero ? TimeSpan.Zero : left < moment ? left : moment, clock, cancellationToken);
            }
        }
        catch (TimeoutException)
        {
            // Answered with the operation, which goes on.
        }

        if (!run.TryAnswer())
        {
            await run.Ended;
        }
    }

    private static AuditObject Target(ContainerPlan plan) => new("container", plan.Id, plan.Name);

    private static ConflictError NameTaken(string name) =>
        new("container.name_taken", $"The name {name} is taken. Choose another one, or remove or rename the container that has it.");
}
