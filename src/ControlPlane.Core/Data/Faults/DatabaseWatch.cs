using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace ControlPlane.Core.Data.Faults;

/// <summary>
/// Keeps requests from waiting one after the other for a database that hangs: after a time-out everybody who comes waits for one shared
/// probe instead, a second at most, and is refused at once while the last probe is younger than half a second. A query that is only slow
/// is followed by a probe that succeeds, and nobody is refused.
/// </summary>
/// <param name="judge">The provider's; see <see cref="FaultTranslation"/>.</param>
/// <param name="probe">Asks the database by a connection of its own; throws when it does not answer.</param>
/// <param name="readersWait">What a writer waits for, a reader waits for too: true of a server that hangs, false of SQLite's lock.</param>
public sealed class DatabaseWatch(Func<Exception, DatabaseFault?> judge, Func<CancellationToken, Task> probe, bool readersWait, TimeProvider clock)
    : IDbConnectionInterceptor, IDbCommandInterceptor, IDbTransactionInterceptor, ISaveChangesInterceptor
{
    // A database that answers does so in milliseconds; whoever waits has waited for a time-out before.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Again = TimeSpan.FromSeconds(0.5);

    private readonly Lock _sync = new();
    private Task<bool>? _probing;
    private long _probedAt;
    private volatile bool _isSuspect;

    /// <summary>Something timed out, and no probe has succeeded since.</summary>
    public bool IsSuspect => _isSuspect;

    /// <summary>False while the database does not answer. Costs nothing as long as nothing has timed out.</summary>
    public ValueTask<bool> AnswersAsync() => _isSuspect ? new ValueTask<bool>(ProbedAsync()) : ValueTask.FromResult(true);

    /// <summary>Looks now, for who wants to know and not to use it; everybody who asks in the same half second shares the look.</summary>
    public Task<bool> LookAsync() => ProbedAsync();

    public InterceptionResult ConnectionOpening(DbConnection connection, ConnectionEventData eventData, InterceptionResult result)
    {
        // Nothing on the way of requests opens synchronously; refusing without a look would never end.
        return result;
    }

    public async ValueTask<InterceptionResult> ConnectionOpeningAsync(
        DbConnection connection, ConnectionEventData eventData, InterceptionResult result, CancellationToken cancellationToken = default) =>
        !readersWait || await AnswersAsync() ? result : throw Refusal();

    /// <summary>Where readers go on, those who write wait here. Not within a transaction: that holds the lock itself.</summary>
    public async ValueTask<InterceptionResult<int>> SavingChangesAsync(DbContextEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(eventData);
        return readersWait || eventData.Context?.Database.CurrentTransaction is not null || await AnswersAsync() ? result : throw Refusal();
    }

    /// <inheritdoc cref="SavingChangesAsync"/>
    public async ValueTask<InterceptionResult<int>> NonQueryExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(command);
        return readersWait || command.Transaction is not null || await AnswersAsync() ? result : throw Refusal();
    }

    public Task ConnectionFailedAsync(DbConnection connection, ConnectionErrorEventData eventData, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(eventData);
        Judge(eventData.Exception);
        return Task.CompletedTask;
    }

    public void CommandFailed(DbCommand command, CommandErrorEventData eventData)
    {
        ArgumentNullException.ThrowIfNull(eventData);
        Judge(eventData.Exception);
    }

    public Task CommandFailedAsync(DbCommand command, CommandErrorEventData eventData, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(eventData);
        Judge(eventData.Exception);
        return Task.CompletedTask;
    }

    public void TransactionFailed(DbTransaction transaction, TransactionErrorEventData eventData)
    {
        ArgumentNullException.ThrowIfNull(eventData);
        Judge(eventData.Exception);
    }

    public Task TransactionFailedAsync(DbTransaction transaction, TransactionErrorEventData eventData, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(eventData);
        Judge(eventData.Exception);
        return Task.CompletedTask;
    }

    /// <summary>Begins it here, because nobody reports one that cannot begin: SQLite waits for its lock there.</summary>
    public async ValueTask<InterceptionResult<DbTransaction>> TransactionStartingAsync(
        DbConnection connection, TransactionStartingEventData eventData, InterceptionResult<DbTransaction> result, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(connection);
        ArgumentNullException.ThrowIfNull(eventData);
        if (!readersWait && !await AnswersAsync())
        {
            throw Refusal();
        }

        try
        {
            return result.HasResult ? result : InterceptionResult<DbTransaction>.SuppressWithResult(await connection.BeginTransactionAsync(eventData.IsolationLevel, cancellationToken));
        }
        catch (Exception error)
        {
            Judge(error);
            throw;
        }
    }

    /// <summary>Also what no command reports.</summary>
    public void SaveChangesFailed(DbContextErrorEventData eventData)
    {
        ArgumentNullException.ThrowIfNull(eventData);
        Judge(eventData.Exception);
    }

    public Task SaveChangesFailedAsync(DbContextErrorEventData eventData, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(eventData);
        Judge(eventData.Exception);
        return Task.CompletedTask;
    }

    private static DatabaseUnavailableException Refusal() => new(DatabaseFault.Slow, innerException: null);

    private void Judge(Exception error)
    {
        if (error.GetBaseException() is not DatabaseUnavailableException && judge(error) == DatabaseFault.Slow)
        {
            _isSuspect = true;
        }
    }

    private Task<bool> ProbedAsync()
    {
        lock (_sync)
        {
            if (_probing is null || (_probing.IsCompleted && clock.GetElapsedTime(_probedAt) >= Again))
            {
                _probing = ProbeAsync();
            }

            return _probing;
        }
    }

    private async Task<bool> ProbeAsync()
    {
        using var deadline = new CancellationTokenSource(Patience, clock);
        // Off this thread: SQLite waits for its lock synchronously. Given up, not cancelled: what hangs does not look at the token.
        var asked = Task.Run(() => probe(deadline.Token), CancellationToken.None);
        try
        {
            await asked.WaitAsync(Patience, clock, CancellationToken.None);
            _isSuspect = false;
            return true;
        }
        catch (Exception error) when (judge(error) is DatabaseFault.Full or DatabaseFault.ReadOnly)
        {
            // It answers; who writes is told why that cannot be, and who reads is served.
            _isSuspect = false;
            return true;
        }
        catch (Exception error) when (error is DbException or TimeoutException or OperationCanceledException or InvalidOperationException or IOException)
        {
            // Its own failure, later, is nobody's.
            _ = asked.ContinueWith(static late => late.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
            return false;
        }
        finally
        {
            _probedAt = clock.GetTimestamp();
        }
    }
}
