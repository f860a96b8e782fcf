using ControlPlane.Contracts.Rest.Operations;
using ControlPlane.Core.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace ControlPlane.Core.Operations;

/// <summary>
/// Writes ends of operations behind, those of a short while in one commit: one for each would stand in the way of the next create's
/// own. What an end reports is in the state already, and after a crash the reconciler finds it out again.
/// </summary>
internal sealed partial class OperationEnds(IDbContextFactory<ControlPlaneDb> databases, TimeProvider clock, ILogger logger)
{
    // At the rate of a single client some five to ten ends; short beside everything that waits for one to be written.
    private static readonly TimeSpan Gather = TimeSpan.FromMilliseconds(25);

    private readonly Lock _gate = new();
    private List<End> _waiting = [];
    private bool _writing;

    /// <summary>Completes when the end is written, or when writing it failed, which is logged.</summary>
    /// <param name="ended">The operation as it ended.</param>
    /// <param name="alongside">Written in the same commit.</param>
    public Task WriteAsync(OperationView ended, Func<ControlPlaneDb, Task>? alongside)
    {
        var end = new End(ended, alongside);
        lock (_gate)
        {
            _waiting.Add(end);
            if (!_writing)
            {
                _writing = true;
                _ = WriteWaitingAsync();
            }
        }

        return end.Written.Task;
    }

    private async Task WriteWaitingAsync()
    {
        while (true)
        {
            await Task.Delay(Gather, clock, CancellationToken.None);
            List<End> batch;
            lock (_gate)
            {
                (batch, _waiting) = (_waiting, []);
                if (batch.Count == 0)
                {
                    _writing = false;
                    return;
                }
            }

            try
            {
                await WriteAsync(batch);
            }
            catch (Exception exception)
            {
                LogEndsNotWritten(exception, batch.Count);
            }

            foreach (var end in batch)
            {
                end.Written.TrySetResult();
            }
        }
    }

    private async Task WriteAsync(List<End> batch)
    {
        await using var db = await databases.CreateDbContextAsync(CancellationToken.None);
        await using var transaction = await db.Database.BeginTransactionAsync(CancellationToken.None);
        foreach (var (ended, alongside) in batch.Select(end => (end.Operation, end.Alongside)))
        {
            await (alongside?.Invoke(db) ?? Task.CompletedTask);
            await db.Operations.Where(o => o.Id == ended.Id).ExecuteUpdateAsync(
                set => set
                    .SetProperty(o => o.State, ended.State)
                    .SetProperty(o => o.EndedAt, ended.EndedAt)
                    .SetProperty(o => o.Progress, ended.Progress)
                    .SetProperty(o => o.Message, ended.Message)
                    .SetProperty(o => o.ItemsJson, OperationRows.WriteItems(ended.Items))
                    .SetProperty(o => o.ErrorCode, ended.Error == null ? null : ended.Error.Code)
                    .SetProperty(o => o.ErrorMessage, ended.Error == null ? null : ended.Error.Message)
                    .SetProperty(o => o.ErrorStatus, ended.Error == null ? 0 : ended.Error.Status),
                CancellationToken.None);
        }

        await transaction.CommitAsync(CancellationToken.None);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The ends of {Count} operations could not be written.")]
    private partial void LogEndsNotWritten(Exception exception, int count);

    private sealed record End(OperationView Operation, Func<ControlPlaneDb, Task>? Alongside)
    {
        public TaskCompletionSource Written { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
