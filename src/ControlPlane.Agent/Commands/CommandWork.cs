using System.Globalization;
using ControlPlane.Agent.Engine;
using ControlPlane.Agent.Hosting;
using ControlPlane.Agent.Inventory;
using ControlPlane.Agent.Policy;
using ControlPlane.Contracts.Agents;

namespace ControlPlane.Agent.Commands;

/// <summary>Does what a command says, and looks at the container afterwards so that the inventory has the change before the result goes out.</summary>
internal sealed class CommandWork(
    EngineSocket socket, EngineReader reader, InventoryStore store, HostPolicy policy, ContainerCreation creation, ImagePull pull,
    StartLimit starts, AgentDeadlines deadlines, TimeProvider time)
{
    private static readonly TimeSpan RemovalPoll = TimeSpan.FromMilliseconds(200);

    public Task<CommandResult> RunAsync(CommandContext context) => context.Command switch
    {
        CreateContainer create => creation.RunAsync(create, context),
        PullImage command => PullAsync(command, context),
        RemoveContainer remove => RemoveAsync(remove, context),
        StartContainer start => LimitedAsync(start, "start", context),
        RestartContainer restart => LimitedAsync(restart, "restart" + Timeout(restart.TimeoutSeconds), context),
        StopContainer stop => ChangeAsync(stop, "stop" + Timeout(stop.TimeoutSeconds), context),
        KillContainer kill => ChangeAsync(kill, "kill?signal=" + Uri.EscapeDataString(kill.Signal), context),
        PauseContainer pause => ChangeAsync(pause, "pause", context, alreadySo: state => state == "paused"),
        UnpauseContainer unpause => ChangeAsync(unpause, "unpause", context, alreadySo: state => state != "paused"),
        RenameContainer rename => ChangeAsync(rename, "rename?name=" + Uri.EscapeDataString(rename.NewName), context),
        UpdateContainer update => policy.Check(update.SpecJson) is { } refusal
            ? Task.FromResult(Results.Refused(context, refusal))
            : ChangeAsync(update, "update", context, update.SpecJson),
        _ => Task.FromResult(Results.Refused(context, $"This agent does not know the command {context.Command.GetType().Name}.")),
    };

    private static string Timeout(int? seconds) => seconds is { } value ? string.Create(CultureInfo.InvariantCulture, $"?t={value}") : "";

    private async Task<CommandResult> LimitedAsync(ContainerCommand command, string verb, CommandContext context)
    {
        using var place = await starts.EnterAsync(context.DeadlineOrCancel);
        return await ChangeAsync(command, verb, context);
    }

    private async Task<CommandResult> ChangeAsync(
        ContainerCommand command, string verb, CommandContext context, string? json = null, Func<string, bool>? alreadySo = null)
    {
        if (!EngineIds.IsFull(command.EngineId))
        {
            return Results.Refused(context, "The engine id must be 64 hex digits.");
        }

        context.EngineId = command.EngineId;
        context.Asked = true;
        var answer = await socket.PostAsync($"containers/{command.EngineId}/{verb}", context.Deadline, json);
        context.Changed = answer.IsDone && answer.Status != 304;
        var container = await LookAsync(command.EngineId);
        if (answer.IsDone || (container is not null && alreadySo?.Invoke(container.State) == true))
        {
            return Results.Done(context, container);
        }

        return Results.Failed(context, answer, answer.Status == 404 && container is null ? "container.not_found" : "engine.refused", container);
    }

    private async Task<CommandResult> RemoveAsync(RemoveContainer command, CommandContext context)
    {
        if (!EngineIds.IsFull(command.EngineId))
        {
            return Results.Refused(context, "The engine id must be 64 hex digits.");
        }

        context.EngineId = command.EngineId;
        context.Asked = true;
        var path = string.Create(CultureInfo.InvariantCulture, $"containers/{command.EngineId}?force={(command.Force ? 1 : 0)}&v={(command.Volumes ? 1 : 0)}");
        while (true)
        {
            var answer = await socket.DeleteAsync(path, context.Deadline);
            if (answer.IsDone || answer.Status == 404)
            {
                context.Changed = answer.IsDone;
                store.Remove(command.EngineId);
                return Results.Done(context);
            }

            // Somebody else is removing it: done when it is gone.
            if (answer.Status != 409 || !answer.Message.Contains("already in progress", StringComparison.Ordinal))
            {
                return Results.Failed(context, answer, container: await LookAsync(command.EngineId));
            }

            await Task.Delay(RemovalPoll, time, context.Deadline);
        }
    }

    private async Task<CommandResult> PullAsync(PullImage command, CommandContext context)
    {
        if (await pull.RunAsync(command.Reference, context) is { } failure)
        {
            return failure;
        }

        using var deadline = new CancellationTokenSource(deadlines.EngineRead, time);
        store.SetImages(await reader.ListImagesAsync(deadline.Token));
        return Results.Done(context);
    }

    /// <summary>Reads the container into the inventory; null when it is gone or the engine does not answer now (events will tell).</summary>
    private async Task<ContainerReport?> LookAsync(string engineId)
    {
        using var deadline = new CancellationTokenSource(deadlines.CommandInspect, time);
        return await ContainerLook.TakeAsync(reader, store, engineId, deadline.Token);
    }
}
