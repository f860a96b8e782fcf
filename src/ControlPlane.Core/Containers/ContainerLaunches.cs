using System.Collections.Concurrent;
using ControlPlane.Contracts.Agents;
using ControlPlane.Core.Access;
using ControlPlane.Core.Audit;
using ControlPlane.Core.Data;
using ControlPlane.Core.Nodes.Links;
using ControlPlane.Core.Operations;
using ControlPlane.Core.Results;
using ControlPlane.Core.State;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace ControlPlane.Core.Containers;

/// <summary>
/// Carries committed intents to their nodes. One launch per container at a time. An outcome that is not clear keeps intent and
/// reservation until the node has been heard again; no other node is ever tried for it.
/// </summary>
public sealed partial class ContainerLaunches(
    NodeLinks links,
    ClusterState state,
    IDbContextFactory<ControlPlaneDb> databases,
    AuditTrail audit,
    IOptions<DeadlineOptions> deadlines,
    ILogger<ContainerLaunches> logger) : IHostedService, IDisposable
{
    private readonly ConcurrentDictionary<string, Task> _running = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _stopping = new();

    public bool IsRunning(string id) => _running.ContainsKey(id);

    /// <summary>Begins to launch unless that is under way. The run is told how it ends.</summary>
    public void Start(LaunchOrder order, OperationRun? run)
    {
        ArgumentNullException.ThrowIfNull(order);
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (!_running.TryAdd(order.Id, started.Task))
        {
            return;
        }

        _ = LaunchAsync(order, run, started);
    }

    /// <summary>Its node has it although the result of the create never came.</summary>
    internal async Task ArriveAsync(LaunchOrder order, ContainerReport report, OperationRun? run)
    {
        Arrive(order, report);
        await EndArrivedAsync(order, report, run, null);
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        try
        {
            await Task.WhenAll(_running.Values).WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // The host's patience is over; what is under way is resumed at the next start.
        }
    }

    public void Dispose() => _stopping.Dispose();

    private async Task LaunchAsync(LaunchOrder order, OperationRun? run, TaskCompletionSource ended)
    {
        try
        {
            var command = order.ToCommand(deadlines.Value);
            await using var cancel = run?.Cancelled.UnsafeRegister(_ => _ = CancelAsync(order.NodeId, command.Id), null) ?? default;
            var result = await links.RunAsync(order.NodeId, command, progress => run?.Report(progress.Percent, progress.Message), _stopping.Token);
            await SettleAsync(order, run, result);
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // Resumed when the server is back.
        }
        catch (Exception exception)
        {
            // The intent stays; the reconciler tries again.
            LogLaunchFailed(exception, order.Name);
        }
        finally
        {
            _running.TryRemove(order.Id, out _);
            ended.TrySetResult();
        }
    }

    private async Task SettleAsync(LaunchOrder order, OperationRun? run, CommandResult result)
    {
        switch (result.Outcome)
        {
            case CommandOutcome.Done:
                Arrive(order, result.Container);
                await EndArrivedAsync(order, result.Container, run, null);
                break;

            case CommandOutcome.Unclear:
                run?.Report(-1, $"Waiting for {NodeName(order.NodeId)}: {result.Message}");
                break;

            case CommandOutcome.Failed when result.Code is "node.not_connected" or "engine.unreachable" && (!result.NothingChanged || run?.TryFail() != true):
                // Accepted earlier, or begun on the engine: it waits for the node, like any unclear one.
                run?.Report(-1, $"Waiting for {NodeName(order.NodeId)}.");
                break;

            case CommandOutcome.Failed when result.Container is not null:
                Arrive(order, result.Container);
                await EndArrivedAsync(order, result.Container, run, CommandErrors.Of(result, NodeName(order.NodeId)));
                break;

            default:
                var error = CommandErrors.Of(NamingTheImage(order, result), NodeName(order.NodeId))!;
                await GiveUpAsync(order, error);
                await EndAsync(run, error, result.Outcome == CommandOutcome.Cancelled);
                break;
        }
    }

    /// <summary>Engines speak of the registry's address and the network; people asked for an image.</summary>
    private static CommandResult NamingTheImage(LaunchOrder order, CommandResult result) =>
        order.PullImage is { } image && (result.Code is "image.pull_failed" or "image.not_found") && !result.Message.Contains(image, StringComparison.Ordinal)
            ? result with { Message = $"{image} could not be pulled: {result.Message}" }
            : result;

    /// <summary>It is there: the intent says so from now on. The node's report came before the result.</summary>
    private void Arrive(LaunchOrder order, ContainerReport? report) =>
        state.Write(writer =>
        {
            if (writer.Container(order.Id) is { Intent: { } intent } container)
            {
                writer.Put(
                    container with
                    {
                        Intent = intent with { Phase = ContainerPhase.Present, EngineId = report?.EngineId ?? container.EngineId, Note = null },
                        Observed = container.Observed ?? report,
                        ObservedAt = container.ObservedAt ?? writer.Now,
                    },
                    "arrived");
            }
        });

    /// <summary>
    /// Answers first, then writes what is known anyway: should the server die in between, the node's report says the same again.
    /// </summary>
    private async Task EndArrivedAsync(LaunchOrder order, ContainerReport? report, OperationRun? run, Error? error)
    {
        var engineId = report?.EngineId;
        if (run is null)
        {
            await using var db = await databases.CreateDbContextAsync(CancellationToken.None);
            await MarkPresentAsync(db);
        }
        else if (error is null)
        {
            await run.SucceedAsync(alongside: MarkPresentAsync);
        }
        else
        {
            await run.FailAsync(error, MarkPresentAsync);
        }

        Task MarkPresentAsync(ControlPlaneDb db) => db.Containers
            .Where(c => c.Id == order.Id && c.Phase == ContainerPhase.Creating)
            .ExecuteUpdateAsync(
                set => set.SetProperty(c => c.Phase, ContainerPhase.Present).SetProperty(c => c.EngineId, engineId).SetProperty(c => c.Note, (string?)null),
                CancellationToken.None);
    }

    /// <summary>Nothing was made: the intent goes, and with it name, port and reservation.</summary>
    private async Task GiveUpAsync(LaunchOrder order, Error error)
    {
        await using var db = await databases.CreateDbContextAsync(CancellationToken.None);
        await db.Containers.Where(c => c.Id == order.Id).ExecuteDeleteAsync(CancellationToken.None);
        audit.Add(db, Caller.System("launch"), Permission.ContainersCreate, new AuditObject("container", order.Id, order.Name), AuditTrail.Failed, error.Message);
        await db.SaveChangesAsync(CancellationToken.None);
        state.Write(writer => writer.RemoveContainer(order.Id, ContainerReasons.CreateFailed));
    }

    private static Task EndAsync(OperationRun? run, Error error, bool cancelled) =>
        run is null ? Task.CompletedTask
        : cancelled ? run.EndCancelledAsync()
        : run.FailAsync(error);

    private async Task CancelAsync(string nodeId, string commandId)
    {
        try
        {
            if (links.Of(nodeId) is { } link)
            {
                await link.CancelCommandAsync(commandId, CancellationToken.None);
            }
        }
        catch (Exception exception)
        {
            LogCancelNotSent(exception, commandId);
        }
    }

    private string NodeName(string id) => state.Current.Node(id)?.Name ?? id;

    [LoggerMessage(Level = LogLevel.Error, Message = "Container {Container} could not be launched; it is tried again.")]
    private partial void LogLaunchFailed(Exception exception, string container);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The cancellation of command {Command} could not be sent.")]
    private partial void LogCancelNotSent(Exception exception, string command);
}
