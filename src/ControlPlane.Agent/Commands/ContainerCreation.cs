using ControlPlane.Agent.Engine;
using ControlPlane.Agent.Inventory;
using ControlPlane.Agent.Policy;
using ControlPlane.Contracts.Agents;

namespace ControlPlane.Agent.Commands;

/// <summary>Creates a container at most once per cluster id, whatever died in between.</summary>
internal sealed class ContainerCreation(
    EngineSocket socket, EngineReader reader, InventoryStore store, HostPolicy policy, ImagePull pull, StartLimit starts, InventoryLook look, TimeProvider time)
{
    // A create that was cut off may still be finishing inside the engine: its name is taken before its label can be found.
    private const int ConflictLooks = 10;
    private static readonly TimeSpan ConflictWait = TimeSpan.FromMilliseconds(300);

    public async Task<CommandResult> RunAsync(CreateContainer command, CommandContext context)
    {
        if (policy.Check(command.SpecJson, command.ClusterId) is { } refusal)
        {
            return Results.Refused(context, refusal);
        }

        if (FurtherNetworks.Read(command.FurtherNetworks) is not { } networks)
        {
            return Results.Refused(context, "The settings of a network are not in the engine's form.");
        }

        context.EngineId = await FindAsync(command.ClusterId, context.DeadlineOrCancel);
        var mayHaveRun = context.EngineId is not null;
        if (context.EngineId is null && await CreateAsync(command, context) is { } failure)
        {
            return failure;
        }

        var engineId = context.EngineId!;
        EngineAnswer? started = null;
        var hasRun = mayHaveRun && await HasRunAsync(engineId, context.Deadline);
        if (!hasRun)
        {
            started = await ConnectAsync(networks, engineId, context);
        }

        if (command.Start && !hasRun && started is null)
        {
            using var place = await starts.EnterAsync(context.Deadline);
            started = await socket.PostAsync($"containers/{engineId}/start", context.Deadline);
        }

        var container = await look.ContainerAsync(engineId);
        await look.VolumesOfAsync(container);
        context.Changed = true;
        return started is { IsDone: false } ? Results.Failed(context, started, container: container) : Results.Done(context, container);
    }

    /// <summary>Null when the container is there now (its id in the context), else the failure.</summary>
    private async Task<CommandResult?> CreateAsync(CreateContainer command, CommandContext context)
    {
        var answer = await AskAsync(command, context);
        if (IsNoImage(answer) && command.PullImage is { } image)
        {
            context.Asked = false;
            if (await pull.RunAsync(image, context) is { } failure)
            {
                return failure;
            }

            answer = await AskAsync(command, context);
        }

        if (answer.Status == 201 && answer.Text("Id") is { } engineId)
        {
            (context.EngineId, context.Changed) = (engineId, true);
            return null;
        }

        if (answer.Status == 409 && await AdoptAsync(command, context) is { } adopted)
        {
            context.EngineId = adopted;
            return null;
        }

        return Results.Failed(context, answer, IsNoImage(answer) ? "image.not_found" : "engine.refused");
    }

    private async Task<EngineAnswer> AskAsync(CreateContainer command, CommandContext context)
    {
        using var place = await starts.EnterAsync(context.DeadlineOrCancel);
        context.Asked = true;
        return await socket.PostAsync("containers/create?name=" + Uri.EscapeDataString(command.Name), context.Deadline, command.SpecJson);
    }

    private async Task<string?> AdoptAsync(CreateContainer command, CommandContext context)
    {
        for (var tries = 0; tries < ConflictLooks; tries++)
        {
            if (await FindAsync(command.ClusterId, context.Deadline) is { } found)
            {
                return found;
            }

            // A finished container with that name is a stranger's; only a name without a container can still become ours.
            var holder = await socket.GetAsync($"containers/{Uri.EscapeDataString(command.Name)}/json", context.Deadline);
            if (holder.Status == 200)
            {
                return await FindAsync(command.ClusterId, context.Deadline);
            }

            await Task.Delay(ConflictWait, time, context.Deadline);
        }

        return null;
    }

    /// <summary>Null when every further network is connected, else the engine's refusal; the container stays, not started.</summary>
    private async Task<EngineAnswer?> ConnectAsync(IReadOnlyList<NetworkConnection> networks, string engineId, CommandContext context)
    {
        foreach (var network in networks)
        {
            var answer = await socket.PostAsync(
                $"networks/{Uri.EscapeDataString(network.Network)}/connect",
                context.Deadline,
                $$"""{"Container":"{{engineId}}","EndpointConfig":{{network.EndpointJson}}}""");

            // 403 "already exists in network": a repeated create.
            if (!answer.IsDone && !answer.Message.Contains("already exists in network", StringComparison.OrdinalIgnoreCase))
            {
                return answer;
            }
        }

        return null;
    }

    /// <summary>A repeated create must not run a finished job a second time.</summary>
    private async Task<bool> HasRunAsync(string engineId, CancellationToken cancellationToken) =>
        await reader.InspectAsync(engineId, cancellationToken) is { StartedAt: not null };

    private async Task<string?> FindAsync(string clusterId, CancellationToken cancellationToken)
    {
        if (store.FindByClusterId(clusterId) is { } known)
        {
            return known;
        }

        var found = await reader.FindByClusterIdAsync(clusterId, cancellationToken);
        return found.Count > 0 ? found[0] : null;
    }

    private static bool IsNoImage(EngineAnswer answer) =>
        answer.Status == 404 && answer.Message.Contains("No such image", StringComparison.OrdinalIgnoreCase);
}
