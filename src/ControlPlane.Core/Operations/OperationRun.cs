using ControlPlane.Contracts.Rest.Operations;
using ControlPlane.Core.Data;
using ControlPlane.Core.Results;

namespace ControlPlane.Core.Operations;

/// <summary>One running operation: the only way to report on it and to end it.</summary>
public sealed class OperationRun : IDisposable
{
    private readonly Lock _gate = new();
    private readonly OperationLog _log;
    private readonly CancellationTokenSource _cancel = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _stalled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private OperationView _view;
    private bool _answered;
    private bool _failing;

    internal OperationRun(OperationLog log, OperationView view, string collection)
    {
        _log = log;
        _view = view;
        Collection = collection;
    }

    public string Id => _view.Id;

    public string Collection { get; }

    public OperationView View
    {
        get
        {
            lock (_gate)
            {
                return _view;
            }
        }
    }

    /// <summary>Set when somebody cancels.</summary>
    public CancellationToken Cancelled => _cancel.Token;

    /// <summary>Completes when the operation has ended.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Completes when the operation waits for something that may take any time; it may end soon after all.</summary>
    public Task Stalled => _stalled.Task;

    /// <summary>
    /// The caller is about to be told that it goes on: from now on what is only away for a while must not end it. False when it is
    /// failing already; then its end is the answer.
    /// </summary>
    public bool TryAnswer()
    {
        lock (_gate)
        {
            _answered |= !_failing;
            return _answered;
        }
    }

    /// <summary>May something that is only away for a while end it? Not once its caller was told that it goes on.</summary>
    public bool TryFail()
    {
        lock (_gate)
        {
            _failing |= !_answered;
            return _failing;
        }
    }

    public void Report(int progress, string message) =>
        Change(view => view with { Progress = Math.Clamp(progress, -1, 100), Message = message });

    /// <summary>It waits for something that may take any time.</summary>
    public void Stall(string message)
    {
        Report(-1, message);
        _stalled.TrySetResult();
    }

    public void ReportItem(string id, string state, string message) =>
        Change(view => view with
        {
            Items = [.. view.Items.Select(item => string.Equals(item.Id, id, StringComparison.Ordinal) ? item with { State = state, Message = message } : item)],
            Progress = view.Items.Count == 0 ? view.Progress : 100 * view.Items.Count(item => item.State is "succeeded" or "failed") / view.Items.Count,
        });

    /// <param name="message">For people.</param>
    /// <param name="alongside">Written in one commit with the end, after those who wait have been told.</param>
    public Task SucceedAsync(string message = "", Func<ControlPlaneDb, Task>? alongside = null) =>
        EndAsync(view => view with { State = "succeeded", Progress = 100, Message = message }, alongside);

    /// <inheritdoc cref="SucceedAsync"/>
    public Task FailAsync(Error error, Func<ControlPlaneDb, Task>? alongside = null) =>
        EndAsync(
            view => view with
            {
                State = "failed",
                Message = error.Message,
                Error = new OperationErrorView(error.Code, error.Message, ErrorStatus.Of(error)),
            },
            alongside);

    public Task EndCancelledAsync() => EndAsync(view => view with { State = "cancelled", Message = "Cancelled." }, null);

    internal void Cancel() => _cancel.Cancel();

    public void Dispose() => _cancel.Dispose();

    private void Change(Func<OperationView, OperationView> change)
    {
        OperationView changed;
        lock (_gate)
        {
            if (_view.EndedAt is not null)
            {
                return;
            }

            _view = changed = change(_view);
        }

        _log.Tell(changed, Collection);
    }

    private async Task EndAsync(Func<OperationView, OperationView> change, Func<ControlPlaneDb, Task>? alongside)
    {
        OperationView ended;
        lock (_gate)
        {
            if (_view.EndedAt is not null)
            {
                return;
            }

            _view = ended = change(_view) with { EndedAt = _log.Now, Cancellable = false };
        }

        _log.Tell(ended, Collection);
        _ended.TrySetResult();
        await _log.EndAsync(ended, alongside);
    }
}
