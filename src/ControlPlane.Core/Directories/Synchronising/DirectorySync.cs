using System.Threading.Channels;
using ControlPlane.Contracts.Rest;
using ControlPlane.Core.Access;
using ControlPlane.Core.Audit;
using ControlPlane.Core.Data;
using ControlPlane.Core.Directories.Settings;
using ControlPlane.Core.Leadership;
using ControlPlane.Core.Results;
using Microsoft.EntityFrameworkCore;

namespace ControlPlane.Core.Directories.Synchronising;

/// <summary>When synchronisations run: by schedule, or because somebody asks. One at a time; a duty of the leader.</summary>
public sealed class DirectorySync : IDuty, IDisposable
{
    // A delay has an upper limit; the schedule is looked at again in any case.
    private static readonly TimeSpan LongestWait = TimeSpan.FromHours(6);

    private readonly DirectorySettingsService _settings;
    private readonly DirectorySyncRun _run;
    private readonly IDbContextFactory<ControlPlaneDb> _databases;
    private readonly Authorizer _authorizer;
    private readonly AccessGate _gate;
    private readonly AuditTrail _audit;
    private readonly TimeProvider _clock;

    // Never more than one run and one wake-up (null) in it: a second run is refused before it gets here.
    private readonly Channel<Asked?> _asked = Channel.CreateUnbounded<Asked?>();
    private readonly SemaphoreSlim _starting = new(1);

    internal DirectorySync(
        DirectorySettingsService settings, DirectorySyncRun run, IDbContextFactory<ControlPlaneDb> databases, Authorizer authorizer, AccessGate gate, AuditTrail audit,
        TimeProvider clock)
    {
        (_settings, _run, _databases, _authorizer, _gate, _audit, _clock) = (settings, run, databases, authorizer, gate, audit, clock);
        settings.Changed += Reconsider;
    }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await _run.CloseInterruptedAsync(cancellationToken);
        while (true)
        {
            var next = SyncSchedule.Next(_settings.Current.Settings, _clock.GetUtcNow());
            if (await AskedBeforeAsync(next, cancellationToken))
            {
                while (_asked.Reader.TryRead(out var asked))
                {
                    if (asked is not null)
                    {
                        await _run.ExecuteAsync(asked.Id, asked.Force, cancellationToken);
                    }
                }
            }
            else if (next <= _clock.GetUtcNow() && await TryBeginAsync("schedule", null, false, cancellationToken) is { } row)
            {
                await _run.ExecuteAsync(row.Id, force: false, cancellationToken);
            }
        }
    }

    /// <summary>Starts one now. It goes on by itself; <see cref="GetAsync"/> tells how it went.</summary>
    /// <param name="caller">Who asks.</param>
    /// <param name="force">Carries out also what is held back because it takes away more than half.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<Result<DirectorySyncView>> StartAsync(Caller caller, bool force, CancellationToken cancellationToken)
    {
        var target = new AuditObject("directory", "");
        if (await _gate.RequireAsync(caller, Permission.SettingsUpdate, Collections.System, target, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        if (!_settings.Current.Settings.Enabled)
        {
            return new ConflictError("directory.disabled", "The directory is turned off: enable it in its settings first.");
        }

        if (await TryBeginAsync("manual", caller, force, cancellationToken) is not { } row)
        {
            return new ConflictError("directory.sync_running", "A synchronisation is running already: wait until it has ended.");
        }

        _asked.Writer.TryWrite(new Asked(row.Id, force));
        return View(row);
    }

    /// <summary>The last runs, newest first, without their logs.</summary>
    public async Task<Result<Page<DirectorySyncView>>> ListAsync(Caller caller, CancellationToken cancellationToken)
    {
        if (_authorizer.Check(caller, Permission.SettingsRead, Collections.System) is { } refusal)
        {
            return refusal;
        }

        await using var db = await _databases.CreateDbContextAsync(cancellationToken);
        var rows = await db.DirectorySyncs.AsNoTracking().OrderByDescending(run => run.StartedAt).ThenByDescending(run => run.Id).Take(DirectorySyncRun.Kept)
            .Select(run => new DirectorySyncView(run.Id, run.Trigger, run.StartedAt, run.EndedAt, run.State, run.Summary, null)).ToListAsync(cancellationToken);
        return new Page<DirectorySyncView>(rows, null, rows.Count);
    }

    /// <summary>One run with its log.</summary>
    public async Task<Result<DirectorySyncView>> GetAsync(Caller caller, string id, CancellationToken cancellationToken)
    {
        if (_authorizer.Check(caller, Permission.SettingsRead, Collections.System) is { } refusal)
        {
            return refusal;
        }

        await using var db = await _databases.CreateDbContextAsync(cancellationToken);
        return await db.DirectorySyncs.AsNoTracking().FirstOrDefaultAsync(run => run.Id == id, cancellationToken) is { } row
            ? View(row)
            : new NotFoundError("directory.sync_not_found", "There is no such run; the last 50 are kept.");
    }

    public void Dispose()
    {
        _settings.Changed -= Reconsider;
        _starting.Dispose();
    }

    /// <summary>When the next one is due; null when only by hand.</summary>
    public DateTimeOffset? NextRun => SyncSchedule.Next(_settings.Current.Settings, _clock.GetUtcNow());

    private void Reconsider()
    {
        if (_asked.Reader.Count == 0)
        {
            _asked.Writer.TryWrite(null);
        }
    }

    /// <summary>True when somebody asked, or the settings changed, before that time.</summary>
    private async Task<bool> AskedBeforeAsync(DateTimeOffset? next, CancellationToken cancellationToken)
    {
        var wait = next - _clock.GetUtcNow() is { } until && until < LongestWait ? until : LongestWait;
        using var due = new CancellationTokenSource(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, _clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(due.Token, cancellationToken);
        try
        {
            return await _asked.Reader.WaitToReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <summary>Null when one is running.</summary>
    private async Task<DirectorySyncEntity?> TryBeginAsync(string trigger, Caller? caller, bool force, CancellationToken cancellationToken)
    {
        await _starting.WaitAsync(cancellationToken);
        try
        {
            await using var db = await _databases.CreateDbContextAsync(cancellationToken);
            if (await db.DirectorySyncs.AnyAsync(run => run.State == DirectorySyncRun.Running, cancellationToken))
            {
                return null;
            }

            var now = _clock.GetUtcNow();
            var row = new DirectorySyncEntity
            {
                Id = Guid.CreateVersion7(now).ToString("N"),
                Trigger = trigger,
                StartedAt = now.UtcDateTime,
                State = DirectorySyncRun.Running,
                Log = "",
            };
            db.DirectorySyncs.Add(row);
            if (caller is not null)
            {
                _audit.Add(db, caller, "directory.sync", new AuditObject("directory", row.Id), AuditTrail.Ok, force ? "started with force" : "started");
            }

            await db.SaveChangesAsync(cancellationToken);
            return row;
        }
        finally
        {
            _starting.Release();
        }
    }

    private static DirectorySyncView View(DirectorySyncEntity row) => new(row.Id, row.Trigger, row.StartedAt, row.EndedAt, row.State, row.Summary, row.Log);

    private sealed record Asked(string Id, bool Force);
}

/// <summary>A synchronisation as people see it.</summary>
/// <param name="Id">To ask for its log.</param>
/// <param name="Trigger"><c>schedule</c> or <c>manual</c>.</param>
/// <param name="StartedAt">UTC.</param>
/// <param name="EndedAt">UTC; null while it runs.</param>
/// <param name="State"><c>running</c>, <c>ok</c>, <c>partial</c> (something was left out or held back) or <c>failed</c>.</param>
/// <param name="Summary">One or two sentences.</param>
/// <param name="Log">Lines; null in lists.</param>
public sealed record DirectorySyncView(string Id, string Trigger, DateTime StartedAt, DateTime? EndedAt, string State, string? Summary, string? Log);
