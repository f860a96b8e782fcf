using System.Data.Common;
using System.Globalization;
using ControlPlane.Core.Access;
using ControlPlane.Core.Audit;
using ControlPlane.Core.Data;
using ControlPlane.Core.Directories.Reading;
using ControlPlane.Core.Directories.Settings;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace ControlPlane.Core.Directories.Synchronising;

/// <summary>One synchronisation from begin to end: read, compare, write, and a row that tells about it.</summary>
internal sealed partial class DirectorySyncRun(
    DirectorySettingsService settings, DirectoryConnector connector, SyncWriter writer, IDbContextFactory<ControlPlaneDb> databases, AuditTrail audit,
    TimeProvider clock, ILogger<DirectorySyncRun> logger)
{
    public const string Running = "running";
    public const string Ok = "ok";
    public const string Partial = "partial";
    public const string Failed = "failed";

    /// <summary>How many runs are kept.</summary>
    public const int Kept = 50;

    // A directory that trickles must not hold the next run for ever.
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(30);

    /// <summary>Runs the run whose row has been made.</summary>
    public async Task ExecuteAsync(string id, bool force, CancellationToken cancellationToken)
    {
        using var timeOut = new CancellationTokenSource(Longest, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeOut.Token, cancellationToken);
        var log = new SyncLog(clock);
        var (state, summary) = (Failed, "The server stopped meanwhile.");
        try
        {
            (state, summary) = await SynchroniseAsync(id, force, log, either.Token);
        }
        catch (OperationCanceledException) when (timeOut.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            summary = string.Create(CultureInfo.InvariantCulture, $"It was not done within {Longest.TotalMinutes:F0} minutes.");
            log.Problem(summary);
        }
        catch (Exception error) when (error is DbException or DbUpdateException)
        {
            // Its text may show values.
            summary = "The database failed. What had been written stays; the next run does the rest.";
            log.Problem(summary);
            LogDatabaseFailed(id, error);
        }
        finally
        {
            await EndAsync(id, state, summary, log);
        }
    }

    /// <summary>Runs that a stop of the server ended.</summary>
    public async Task CloseInterruptedAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var now = clock.GetUtcNow().UtcDateTime;
        await db.DirectorySyncs.Where(run => run.State == Running).ExecuteUpdateAsync(
            set => set.SetProperty(run => run.State, Failed).SetProperty(run => run.EndedAt, now).SetProperty(run => run.Summary, "The server stopped meanwhile."),
            cancellationToken);
    }

    private async Task<(string State, string Summary)> SynchroniseAsync(string id, bool force, SyncLog log, CancellationToken cancellationToken)
    {
        var configuration = settings.Current;
        if (!configuration.Settings.Enabled)
        {
            log.Problem("The directory is turned off.");
            return (Failed, "The directory is turned off.");
        }

        IReadOnlyList<TeamRule> rules;
        await using (var db = await databases.CreateDbContextAsync(cancellationToken))
        {
            rules = await TeamRule.ReadAllAsync(db, cancellationToken);
        }

        DirectoryPicture picture;
        await using (var reader = new PictureReader(configuration, connector, clock, log))
        {
            picture = await reader.ReadAsync(rules, cancellationToken);
        }

        if (picture.People.Count == 0)
        {
            // Nothing to compare: whatever the reason, it is not that everybody left.
            return (Failed, log.FirstProblem ?? "Nobody was found.");
        }

        KnownState known;
        await using (var db = await databases.CreateDbContextAsync(cancellationToken))
        {
            known = await KnownState.ReadAsync(db, cancellationToken);
        }

        log.Note(string.Create(CultureInfo.InvariantCulture, $"Read {picture.People.Count} people and {picture.Teams.Count} team rules; {known.Accounts.Count} accounts are known."));
        var plan = new SyncPlanner(picture, known, force, log).Make();
        Tell(plan, known, log);
        await writer.WriteAsync(plan, Caller.System($"directory-sync:{id}"), log, cancellationToken);

        // New administrators among the new ones, and whoever got an account by a sign-in meanwhile.
        if (plan.Creates.Count > 0 && picture.Administrators?.Subjects.Overlaps(plan.Creates.Select(person => person.Subject)) == true)
        {
            await using var db = await databases.CreateDbContextAsync(cancellationToken);
            var again = new SyncPlanner(picture, await KnownState.ReadAsync(db, cancellationToken), force, new SyncLog(clock)).Make();
            await writer.WriteAsync(again, Caller.System($"directory-sync:{id}"), log, cancellationToken);
        }

        var summary = string.Create(
            CultureInfo.InvariantCulture,
            $"{picture.People.Count} people: {plan.Creates.Count} new, {plan.Changes.Count} changed, {plan.Disabled} of them disabled; memberships +{plan.Joins.Count} −{plan.Leaves.Count}.");
        log.Note(summary);
        return log.HasProblems ? (Partial, $"{summary} {log.FirstProblem}") : (Ok, summary);
    }

    private static void Tell(SyncPlan plan, KnownState known, SyncLog log)
    {
        foreach (var person in plan.Creates)
        {
            log.Note($"New: {person.Name} ({person.Dn})");
        }

        foreach (var change in plan.Changes)
        {
            var what = change.Disable is { } reason ? $"disabled, {reason}"
                : string.Join(", ", ((string?[])
                [
                    change.Enable ? "enabled again" : null, change.Texts is not null ? "described anew" : null,
                    change.Administrator switch { true => "administrator", false => "administrator no more", null => null },
                ]).OfType<string>());
            log.Note($"{change.Account.Name}: {what}");
        }

        foreach (var team in plan.Joins.CountBy(join => join.TeamId))
        {
            log.Note(string.Create(CultureInfo.InvariantCulture, $"Team {known.TeamNames.GetValueOrDefault(team.Key, team.Key)}: {team.Value} join."));
        }

        foreach (var team in plan.Leaves.CountBy(leave => leave.TeamId))
        {
            log.Note(string.Create(CultureInfo.InvariantCulture, $"Team {known.TeamNames.GetValueOrDefault(team.Key, team.Key)}: {team.Value} leave."));
        }
    }

    private async Task EndAsync(string id, string state, string summary, SyncLog log)
    {
        // The run has ended however it was ended: that is written down also while the server stops.
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10), clock);
        try
        {
            await using var db = await databases.CreateDbContextAsync(patience.Token);
            if (await db.DirectorySyncs.FirstOrDefaultAsync(run => run.Id == id, patience.Token) is not { } row)
            {
                return;
            }

            row.State = state;
            row.Summary = summary;
            row.Log = log.ToString();
            row.EndedAt = clock.GetUtcNow().UtcDateTime;
            audit.Add(db, Caller.System($"directory-sync:{id}"), "directory.sync", new AuditObject("directory", id), state == Failed ? AuditTrail.Failed : AuditTrail.Ok, $"{state}: {summary}");
            await db.SaveChangesAsync(patience.Token);
            var oldest = await db.DirectorySyncs.OrderByDescending(run => run.StartedAt).Select(run => (DateTime?)run.StartedAt).Skip(Kept - 1).FirstOrDefaultAsync(patience.Token);
            if (oldest is { } limit)
            {
                await db.DirectorySyncs.Where(run => run.StartedAt < limit).ExecuteDeleteAsync(patience.Token);
            }
        }
        catch (Exception error) when (error is DbException or DbUpdateException or OperationCanceledException)
        {
            LogNotWrittenDown(id, error);
        }

        LogEnded(id, state, summary);
    }

    [LoggerMessage(LogLevel.Information, "The directory synchronisation {Id} ended: {State}. {Summary}")]
    private partial void LogEnded(string id, string state, string summary);

    [LoggerMessage(LogLevel.Error, "The directory synchronisation {Id} met a failing database.")]
    private partial void LogDatabaseFailed(string id, Exception error);

    [LoggerMessage(LogLevel.Error, "The end of the directory synchronisation {Id} could not be written down.")]
    private partial void LogNotWrittenDown(string id, Exception error);
}
