using System.Data.Common;
using ControlPlane.Core.Data;
using ControlPlane.Core.Leadership;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace ControlPlane.Core.Audit;

/// <summary>Writes refusals: four times a second, and the rest when the server stops.</summary>
public sealed partial class RefusalWriter(RefusalLog log, IDbContextFactory<ControlPlaneDb> databases, TimeProvider clock, ILogger<RefusalWriter> logger) : IDuty, IDisposable
{
    private const int BatchSize = 500;
    private const int SeveralAttempts = 5;
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan FinalDeadline = TimeSpan.FromSeconds(3);

    private readonly SemaphoreSlim _flushing = new(1);

    // Taken, and not known to be written.
    private readonly Queue<AuditEntity> _taken = new();

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Period, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                await FlushAsync(all: false, cancellationToken);
            }
        }
        finally
        {
            if (cancellationToken.IsCancellationRequested)
            {
                await FinishAsync();
            }
        }
    }

    /// <summary>Writes what is due, or all that is held.</summary>
    public async Task FlushAsync(bool all, CancellationToken cancellationToken)
    {
        await _flushing.WaitAsync(cancellationToken);
        try
        {
            await WriteTakenAsync(all, cancellationToken);
        }
        finally
        {
            _flushing.Release();
        }
    }

    public void Dispose() => _flushing.Dispose();

    private async Task WriteTakenAsync(bool all, CancellationToken cancellationToken)
    {
        foreach (var entry in log.Take(all))
        {
            _taken.Enqueue(entry);
        }

        var attempt = 0;
        while (_taken.Count > 0)
        {
            var batch = _taken.Take(BatchSize).ToList();
            try
            {
                await WriteAsync(batch, cancellationToken);
                Written(batch.Count);
                attempt = 0;
            }
            catch (Exception error) when (error is not OperationCanceledException)
            {
                attempt++;
                LogRetry(_taken.Count, attempt, error.Message);
                if (attempt >= SeveralAttempts && error is DbUpdateException { InnerException: DbException { IsTransient: false } })
                {
                    // The database answers, and refuses one of them for ever: the others must not wait behind it.
                    await WriteOneByOneAsync(batch, cancellationToken);
                    attempt = 0;
                }
                else
                {
                    var pause = TimeSpan.FromSeconds(attempt);
                    await Task.Delay(pause < LongestPause ? pause : LongestPause, clock, cancellationToken);
                }
            }
        }
    }

    private async Task FinishAsync()
    {
        using var deadline = new CancellationTokenSource(FinalDeadline, clock);
        try
        {
            // A database that hangs does not look at the token.
            await FlushAsync(all: true, deadline.Token).WaitAsync(FinalDeadline, clock, CancellationToken.None);
        }
        catch (Exception error) when (error is OperationCanceledException or TimeoutException)
        {
            LogLost(_taken.Sum(entry => (long)entry.Count));
        }
    }

    private async Task WriteOneByOneAsync(List<AuditEntity> batch, CancellationToken cancellationToken)
    {
        foreach (var entry in batch)
        {
            try
            {
                await WriteAsync([entry], cancellationToken);
            }
            catch (DbUpdateException error)
            {
                LogRefused(entry.Action, error);
            }

            Written(1);
        }
    }

    private async Task WriteAsync(List<AuditEntity> batch, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        // An attempt whose answer was lost may have written them: never twice.
        var ids = batch.ConvertAll(entry => entry.Id);
        var known = await db.Audit.Where(entry => ids.Contains(entry.Id)).Select(entry => entry.Id).ToListAsync(cancellationToken);
        db.Audit.AddRange(batch.Where(entry => !known.Contains(entry.Id)));
        await db.SaveChangesAsync(cancellationToken);
    }

    private void Written(int count)
    {
        for (; count > 0; count--)
        {
            _taken.Dequeue();
        }
    }

    [LoggerMessage(LogLevel.Warning, "Could not write {Count} entries about refusals, attempt {Attempt}: {Cause}")]
    private partial void LogRetry(int count, int attempt, string cause);

    [LoggerMessage(LogLevel.Error, "The database refuses an entry about a refused {Action}; it is lost.")]
    private partial void LogRefused(string action, Exception error);

    [LoggerMessage(LogLevel.Error, "The database did not answer in time at the end: {Count} refusals are in no entry.")]
    private partial void LogLost(long count);
}
