using ControlPlane.Contracts.Rest.Operations;
using ControlPlane.Core.Access;
using ControlPlane.Core.Audit;
using ControlPlane.Core.Data;
using ControlPlane.Core.Operations;
using ControlPlane.Core.Results;
using Microsoft.EntityFrameworkCore;

namespace ControlPlane.Core.Containers;

/// <summary>One action on several containers, as an operation with a result for each.</summary>
public sealed class ContainerBulk(
    ContainerQueries queries,
    ContainerActions actions,
    IDbContextFactory<ControlPlaneDb> databases,
    OperationLog operations,
    AccessGate gate,
    AuditTrail audit,
    OperationTasks tasks)
{
    public const int MaxTargets = 500;

    // Engines saturate at 4 to 8 calls in flight (performance.md, 2); nodes share nothing.
    private const int Parallel = 8;

    public async Task<Result<OperationView>> StartAsync(
        Caller caller, ContainerAction action, IReadOnlyList<string> ids, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(action);
        ArgumentNullException.ThrowIfNull(ids);
        if (await gate.RequireAnywhereAsync(caller, action.Permission, new AuditObject("container", ""), cancellationToken) is { } refused)
        {
            return refused;
        }

        if (ids.Count is 0 or > MaxTargets)
        {
            return new InvalidError("ids", $"must name 1 to {MaxTargets} containers");
        }

        var items = new List<OperationItemView>(ids.Count);
        foreach (var id in ids.Distinct(StringComparer.Ordinal))
        {
            var found = queries.Find(caller, id);
            items.Add(found.IsSuccess
                ? new OperationItemView(found.Value.Id, found.Value.Name, "waiting", "")
                : new OperationItemView(id, id, "waiting", ""));
        }

        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var target = new AuditObject("container", "", $"{items.Count} containers");
        var run = operations.Prepare(db, caller, $"containers.{action.Verb}", target, Collections.Root, cancellable: true, items);
        audit.Add(
            db, caller, $"containers.{action.Verb}.bulk", target,
            details: AuditDetails.Asked(new { Action = action.ToAudit()?.Parameters, Containers = items.Select(item => item.Name) }));
        await db.SaveChangesAsync(cancellationToken);
        operations.Begin(run);
        tasks.Start(stopping => RunAsync(caller, action, items, run, stopping));
        return run.View;
    }

    private async Task RunAsync(Caller caller, ContainerAction action, List<OperationItemView> items, OperationRun run, CancellationToken stopping)
    {
        var failed = 0;
        var options = new ParallelOptions { MaxDegreeOfParallelism = Parallel, CancellationToken = stopping };
        await System.Threading.Tasks.Parallel.ForEachAsync(items, options, async (item, cancellationToken) =>
        {
            if (run.Cancelled.IsCancellationRequested)
            {
                run.ReportItem(item.Id, "failed", "Cancelled before it began.");
                Interlocked.Increment(ref failed);
                return;
            }

            run.ReportItem(item.Id, "running", "");
            var result = await actions.RunAsync(caller, item.Id, action, null, cancellationToken);
            if (!result.IsSuccess)
            {
                Interlocked.Increment(ref failed);
            }

            run.ReportItem(item.Id, result.IsSuccess ? "succeeded" : "failed", result.Error?.Message ?? "");
        });
        if (run.Cancelled.IsCancellationRequested)
        {
            await run.EndCancelledAsync();
        }
        else if (failed > 0)
        {
            await run.FailAsync(new ConflictError("containers.partly_failed", $"{failed} of {items.Count} failed; the items say why."));
        }
        else
        {
            await run.SucceedAsync($"{items.Count} done.");
        }
    }
}
