using System.Globalization;
using ControlPlane.Agent.Engine;
using ControlPlane.Agent.Inventory;
using ControlPlane.Agent.Policy;
using ControlPlane.Contracts.Agents;

namespace ControlPlane.Agent.Commands;

/// <summary>Does what a command says, and looks at the container afterwards so that the inventory has the change before the result goes out.</summary>
internal sealed class CommandWork(
    EngineSocket socket, InventoryStore store, HostPolicy policy, ContainerCreation creation, ImagePull pull, StartLimit starts, InventoryLook look,
    TimeProvider time)
{
    private static readonly TimeSpan RemovalPoll = TimeSpan.FromMilliseconds(200);

    private readonly ImageChanges _images = new(new ObjectChange(socket), look, policy);
    private readonly VolumeChanges _volumes = new(new ObjectChange(socket), look, policy);
    private readonly NetworkChanges _networks = new(socket, new ObjectChange(socket), look, policy);

    public Task<CommandResult> RunAsync(CommandContext context) => context.Command switch
    {
        CreateContainer create => creation.RunAsync(create, context),
        PullImage command => PullAsync(command, context),
        TagImage tag => _images.TagAsync(tag, context),
        RemoveImage remove => _images.RemoveAsync(remove, context),
        PruneBuildCache prune => _images.PruneCacheAsync(prune, context),
        CommitContainer commit => _images.CommitAsync(commit, context),
        CreateVolume create => _volumes.CreateAsync(create, context),
        RemoveVolume remove => _volumes.RemoveAsync(remove, context),
        CreateNetwork create => _networks.CreateAsync(create, context),
        RemoveNetwork remove => _networks.RemoveAsync(remove, context),
        ConnectNetwork connect => _networks.ConnectAsync(connect, context),
        DisconnectNetwork disconnect => _networks.DisconnectAsync(disconnect, context),
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
        var container = await look.ContainerAsync(command.EngineId);
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
                var hadVolumes = command.Volumes && store.Find(command.EngineId)?.MountPoints.Any(mount => mount.Type == "volume") == true;
                store.Remove(command.EngineId);
                if (hadVolumes)
                {
                    await look.VolumesAsync();
                }

                return Results.Done(context);
            }

            // Somebody else is removing it: done when it is gone.
            if (answer.Status != 409 || !answer.Message.Contains("already in progress", StringComparison.Ordinal))
            {
                return Results.Failed(context, answer, container: await look.ContainerAsync(command.EngineId));
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

        await look.ImagesAsync();
        return Results.Done(context);
    }
}
