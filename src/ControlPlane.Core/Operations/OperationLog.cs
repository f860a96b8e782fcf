using System.Collections.Concurrent;
using ControlPlane.Contracts.Rest;
using ControlPlane.Contracts.Rest.Operations;
using ControlPlane.Core.Access;
using ControlPlane.Core.Audit;
using ControlPlane.Core.Containers;
using ControlPlane.Core.Data;
using ControlPlane.Core.Lists;
using ControlPlane.Core.Results;
using ControlPlane.Core.State;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace ControlPlane.Core.Operations;

/// <summary>What runs and what ran. Progress lives in memory; begin and end are in the database.</summary>
public sealed class OperationLog(
    IDbContextFactory<ControlPlaneDb> databases, ClusterState state, AccessGate gate, Authorizer authorizer, AuditTrail audit, TimeProvider clock, ILogger<OperationLog> logger)
{
    private readonly OperationEnds _ends = new(databases, clock, logger);
    private readonly ConcurrentDictionary<string, OperationRun> _running = new(StringComparer.Ordinal);

    internal DateTime Now => clock.GetUtcNow().UtcDateTime;

    /// <summary>Adds a new operation to the caller's unit of work; call <see cref="Begin"/> once that is committed.</summary>
    public OperationRun Prepare(
        ControlPlaneDb db, Caller caller, string kind, AuditObject target, string collection, bool cancellable, IReadOnlyList<OperationItemView>? items = null)
    {
        ArgumentNullException.ThrowIfNull(db);
        var view = new OperationView
        {
            Id = Guid.CreateVersion7(clock.GetUtcNow()).ToString("N"),
            Kind = kind,
            State = "running",
            Progress = -1,
            TargetKind = target.Kind,
            TargetId = target.Id,
            TargetName = target.Name ?? "",
            CreatedBy = caller.Name,
            CreatedAt = Now,
            Cancellable = cancellable,
            Items = items ?? [],
        };
        db.Operations.Add(OperationRows.From(view, collection));
        return new OperationRun(this, view, collection);
    }

    public void Begin(OperationRun run)
    {
        ArgumentNullException.ThrowIfNull(run);
        _running[run.Id] = run;
        Tell(run.View, run.Collection);
    }

    /// <summary>The run of an operation that goes on, e.g. a create that waits for its node; made anew after a restart.</summary>
    public async Task<OperationRun?> ResumeAsync(string id, CancellationToken cancellationToken)
    {
        if (_running.TryGetValue(id, out var run))
        {
            return run;
        }

        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var row = await db.Operations.AsNoTracking().SingleOrDefaultAsync(o => o.Id == id && o.State == "running", cancellationToken);
        if (row is null)
        {
            return null;
        }

        var resumed = _running.GetOrAdd(id, _ => new OperationRun(this, OperationRows.ToView(row), row.Collection));
        resumed.TryAnswer();
        return resumed;
    }

    /// <summary>At start: what was running and will not be resumed has failed.</summary>
    public async Task CloseInterruptedAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var now = Now;
        await db.Operations
            .Where(o => o.State == "running" && o.Kind != ContainerCreation.OperationKind)
            .ExecuteUpdateAsync(
                set => set
                    .SetProperty(o => o.State, "failed")
                    .SetProperty(o => o.EndedAt, now)
                    .SetProperty(o => o.ErrorCode, "operation.interrupted")
                    .SetProperty(o => o.ErrorMessage, "The server was restarted while this ran. Look at the state of the objects and try again.")
                    .SetProperty(o => o.ErrorStatus, 503),
                cancellationToken);
    }

    public async Task<Result<Page<OperationView>>> ListAsync(Caller caller, ListRequest list, string? operationState, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(list);
        if (Authorizer.CheckComplete(caller) is { } error)
        {
            return error;
        }

        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var query = db.Operations.AsNoTracking();
        if (authorizer.AllWhere(caller, Permission.OperationsRead) is { } collections)
        {
            query = query.Where(o => o.CreatedBy == caller.Name || collections.Contains(o.Collection));
        }

        if (operationState is not null)
        {
            query = query.Where(o => o.State == operationState);
        }

        var total = await query.CountAsync(cancellationToken);
        // Ids are time-ordered (version 7), so they are the cursor too.
        if (list.Cursor is { } cursor)
        {
            query = query.Where(o => string.Compare(o.Id, cursor) < 0);
        }

        var rows = await query.OrderByDescending(o => o.Id).Take(list.Limit + 1).ToListAsync(cancellationToken);
        var next = rows.Count > list.Limit ? rows[list.Limit - 1].Id : null;
        return new Page<OperationView>([.. rows.Take(list.Limit).Select(Latest)], next, total);
    }

    /// <summary>Those that run now, newest first.</summary>
    public IReadOnlyList<OperationView> Running(Caller caller) =>
        [.. _running.Values.Where(run => MaySee(caller, run.View.CreatedBy, run.Collection)).Select(run => run.View).OrderByDescending(view => view.CreatedAt)];

    public async Task<Result<OperationView>> GetAsync(Caller caller, string id, CancellationToken cancellationToken)
    {
        if (Authorizer.CheckComplete(caller) is { } error)
        {
            return error;
        }

        if (_running.TryGetValue(id, out var run))
        {
            return MaySee(caller, run.View.CreatedBy, run.Collection) ? run.View : NotFound(id);
        }

        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var row = await db.Operations.AsNoTracking().SingleOrDefaultAsync(o => o.Id == id, cancellationToken);
        return row is null || !MaySee(caller, row.CreatedBy, row.Collection) ? NotFound(id) : OperationRows.ToView(row);
    }

    public async Task<Result<OperationView>> CancelAsync(Caller caller, string id, CancellationToken cancellationToken)
    {
        var target = new AuditObject("operation", id);
        var found = await GetAsync(caller, id, cancellationToken);
        if (!found.IsSuccess)
        {
            return found;
        }

        // One's own may always be cancelled.
        var collection = _running.TryGetValue(id, out var known) ? known.Collection : Collections.Root;
        if (!IsOwn(caller, found.Value.CreatedBy)
            && await gate.RequireAsync(caller, Permission.OperationsCancel, collection, target, cancellationToken) is { } error)
        {
            return error;
        }

        if (!_running.TryGetValue(id, out var run) || !run.View.Cancellable)
        {
            return new ConflictError("operation.not_cancellable", "The operation has ended, or it is past the point where it could be cancelled.");
        }

        run.Cancel();
        await audit.RecordAsync(caller, "operations.cancel", target, AuditTrail.Ok, null, cancellationToken);
        return run.View;
    }

    private bool MaySee(Caller caller, string createdBy, string collection) =>
        IsOwn(caller, createdBy) || authorizer.MaySee(caller, Permission.OperationsRead, collection);

    private static bool IsOwn(Caller caller, string createdBy) =>
        caller.Kind != CallerKind.Anonymous && string.Equals(caller.Name, createdBy, StringComparison.Ordinal);

    private static NotFoundError NotFound(string id) => new("operation.not_found", $"There is no operation {id}.");

    internal void Tell(OperationView view, string collection) =>
        state.Write(writer => writer.Note(ObjectKind.Operation, ChangeKind.Updated, view.Id, null, collection, view, view.State));

    internal async Task EndAsync(OperationView ended, Func<ControlPlaneDb, Task>? alongside)
    {
        await _ends.WriteAsync(ended, alongside);
        _running.TryRemove(ended.Id, out _);
    }

    private OperationView Latest(OperationEntity row) => _running.TryGetValue(row.Id, out var run) ? run.View : OperationRows.ToView(row);
}
