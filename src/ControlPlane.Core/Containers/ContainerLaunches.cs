using System.Collections.Concurrent;
using ControlPlane.Contracts.Agents;
using ControlPlane.Core.Access;
using ControlPlane.Core.Audit;
using ControlPlane.Core.Containers.Moving;
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
/// Carries committed intents to their nodes. One launch per container at a time. What a node refuses for a reason of its own goes to the
/// next ranked one. An outcome that is not clear keeps intent and reservation until the node has been heard again; no other node is ever
/// tried for it.
/// </summary>
public sealed partial class ContainerLaunches(
    NodeLinks links,
    ClusterState state,
    IDbContextFactory<ControlPlaneDb> databases,
    ContainerMoves moves,
    RegistryHealth registries,
    Tombstones tombstones,
    AuditTrail audit,
    ContainerVolumes volumes,
    TimeProvider clock,
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

        _ = LaunchAsync(() => Task.FromResult(IsThere(order) ? order : null), order.Id, run, started);
    }

    /// <summary>
    /// Moves a container and launches it where it is then; null when a launch of it is under way or the move failed. The task ends with the launch; its result
    /// is how the move itself ended.
    /// </summary>
    internal async Task<Move?> MoveAsync(string id, Func<Task<Move>> move)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (!_running.TryAdd(id, started.Task))
        {
            return null;
        }

        Move? outcome = null;
        await LaunchAsync(
            async () =>
            {
                outcome = await move();
                return (outcome as Move.Made)?.Order;
            },
            id,
            null,
            started);
        return outcome;
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

    /// <summary>An order that was read before the container ended or went elsewhere is void.</summary>
    private bool IsThere(LaunchOrder order) =>
        state.Current.Container(order.Id) is { Intent: not null } container && string.Equals(container.NodeId, order.NodeId, StringComparison.Ordinal);

    private async Task LaunchAsync(Func<Task<LaunchOrder?>> first, string id, OperationRun? run, TaskCompletionSource ended)
    {
        try
        {
            for (var order = await first(); order is not null;)
            {
                order = await SettleAsync(order, run, await SendAsync(order, run));
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // Resumed when the server is back.
        }
        catch (Exception exception)
        {
            // The intent stays; the reconciler tries again.
            LogLaunchFailed(exception, id);
        }
        finally
        {
            _running.TryRemove(id, out _);
            ended.TrySetResult();
        }
    }

    private async Task<CommandResult> SendAsync(LaunchOrder order, OperationRun? run)
    {
        var command = order.ToCommand(deadlines.Value);
        var before = state.Current.Node(order.NodeId);
        var pulled = false;
        await using var cancel = run?.Cancelled.UnsafeRegister(_ => _ = CancelAsync(order.NodeId, command.Id), null) ?? default;
        var result = await links.RunAsync(
            order.NodeId,
            command,
            progress =>
            {
                // Only pulls report progress.
                pulled = true;
                run?.Report(progress.Percent, progress.Message);
            },
            _stopping.Token);
        await volumes.KeepAsync(order.Id, before, result.Container);
        if (CreateRefusals.IsSilence(result))
        {
            registries.Silent(order.Image);
        }
        else if (pulled && result.Outcome == CommandOutcome.Done)
        {
            registries.Answered(order.Image);
        }

        return result;
    }

    /// <summary>Returns what is to be launched next: the same container on another node.</summary>
    private async Task<LaunchOrder?> SettleAsync(LaunchOrder order, OperationRun? run, CommandResult result)
    {
        if (result.Outcome == CommandOutcome.Done)
        {
            Arrive(order, result.Container);
            await EndArrivedAsync(order, result.Container, run, null);
            return null;
        }

        var kind = CreateRefusals.Of(result, order.First);
        var isCancelled = run?.Cancelled.IsCancellationRequested == true;
        var elsewhere = "";
        if (kind is RefusalKind.Node or RefusalKind.Image && !isCancelled)
        {
            switch (await moves.AfterRefusalAsync(order, result, kind))
            {
                case Move.Made next:
                    LogNextNode(order.Name, NodeName(order.NodeId), result.Message, next.Node);
                    run?.Report(-1, $"{NodeName(order.NodeId)} refused it: {result.Message} It goes to {next.Node}.");
                    return next.Order;
                case Move.Impossible other:
                    elsewhere = other.Text;
                    break;
            }
        }

        switch (result.Outcome)
        {
            case var _ when kind == RefusalKind.Unclear && result.Outcome != CommandOutcome.Unclear:
            case CommandOutcome.Failed when result.Code is "node.not_connected" or "engine.unreachable" && !order.Moving && run?.TryFail() != true:
                // Accepted earlier, or begun on the engine: it waits for the node, like any unclear one.
                run?.Stall($"Waiting for {NodeName(order.NodeId)}.");
                break;

            case CommandOutcome.Unclear:
                run?.Stall($"Waiting for {NodeName(order.NodeId)}: {result.Message}");
                break;

            case CommandOutcome.Failed when result.Container is not null:
                Arrive(order, result.Container);
                await EndArrivedAsync(order, result.Container, run, CommandErrors.Of(result, NodeName(order.NodeId)));
                break;

            default:
                await GiveUpAsync(order, run, NamingTheImage(order, result), elsewhere, isCancelled || result.Outcome == CommandOutcome.Cancelled);
                break;
        }

        return null;
    }

    private async Task GiveUpAsync(LaunchOrder order, OperationRun? run, CommandResult result, string elsewhere, bool cancelled)
    {
        var error = CommandErrors.Of(Telling(order, result), NodeName(order.NodeId))!;
        if (order.Moving && await moves.BackAsync(order, $"It could not be moved. {error.Message}{(elsewhere.Length > 0 ? $" {elsewhere}" : "")}"))
        {
            return;
        }

        await GiveUpAsync(order, error);
        await EndAsync(run, error, cancelled);
    }

    /// <summary>The last refusal, and those before it.</summary>
    private static CommandResult Telling(LaunchOrder order, CommandResult result) =>
        order.Story.Length == 0 ? result : result with { Message = $"{result.Message} Tried before: {order.Story}" };

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
                        Intent = intent with { Phase = ContainerPhase.Present, EngineId = report?.EngineId ?? container.EngineId, Note = order.Moving ? intent.Note : null },
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
            await run.SucceedAsync(order.Story, MarkPresentAsync);
        }
        else
        {
            await run.FailAsync(error, MarkPresentAsync);
        }

        Task MarkPresentAsync(ControlPlaneDb db) => db.Containers
            .Where(c => c.Id == order.Id && c.Phase == ContainerPhase.Creating)
            .ExecuteUpdateAsync(
                set => set.SetProperty(c => c.Phase, ContainerPhase.Present).SetProperty(c => c.EngineId, engineId).SetProperty(c => c.Note, c => order.Moving ? c.Note : null),
                CancellationToken.None);
    }

    /// <summary>Nothing was made: the intent goes, and with it name, port and reservation.</summary>
    private async Task GiveUpAsync(LaunchOrder order, Error error)
    {
        await using var db = await databases.CreateDbContextAsync(CancellationToken.None);
        await IntentEnds.EndAsync(db, state.Current.Container(order.Id)?.Intent, order.Id, tombstones, clock.GetUtcNow().UtcDateTime);
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

    [LoggerMessage(Level = LogLevel.Information, Message = "Container {Container}: {Node} refused it ({Reason}); {Next} is tried.")]
    private partial void LogNextNode(string container, string node, string reason, string next);

    [LoggerMessage(Level = LogLevel.Error, Message = "Container {Container} could not be launched; it is tried again.")]
    private partial void LogLaunchFailed(Exception exception, string container);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The cancellation of command {Command} could not be sent.")]
    private partial void LogCancelNotSent(Exception exception, string command);
}
