using System.Text.Json;
using ControlPlane.Agent.Engine;
using ControlPlane.Agent.Policy;
using ControlPlane.Contracts.Agents;
using ControlPlane.Engine.Containers;
using ControlPlane.Engine.Json;
using ControlPlane.Engine.Networks;

namespace ControlPlane.Agent.Commands;

/// <summary>Makes and removes networks, and takes containers on and off them.</summary>
internal sealed class NetworkChanges(EngineSocket socket, ObjectChange change, InventoryLook look, HostPolicy policy)
{
    private const string NoId = "The ids must be 64 hex digits.";
    private const int LongestName = 255;

    public async Task<CommandResult> CreateAsync(CreateNetwork command, CommandContext context)
    {
        if (!EngineBody.TryRead(command.SpecJson, EngineJson.Default.NetworkSpec, out var spec, out var problem))
        {
            return Results.Refused(context, problem);
        }

        if (spec.Name is not { Length: > 0 and <= LongestName })
        {
            return Results.Refused(context, "A network must have a name of at most 255 characters.");
        }

        if (policy.CheckNetwork(spec) is { } refusal)
        {
            return Results.Refused(context, refusal);
        }

        // Older engines make a second network of the same name unless told not to; a repeated command must not.
        var body = JsonSerializer.Serialize(spec with { CheckDuplicate = true }, EngineJson.Default.NetworkSpec);
        return await change.PostAsync(context, "networks/create", body, look.NetworksAsync);
    }

    public async Task<CommandResult> RemoveAsync(RemoveNetwork command, CommandContext context) =>
        EngineIds.IsFull(command.NetworkId)
            ? await change.RemoveAsync(context, $"networks/{command.NetworkId}", look.NetworksAsync)
            : Results.Refused(context, NoId);

    public async Task<CommandResult> ConnectAsync(ConnectNetwork command, CommandContext context)
    {
        EndpointSettings? endpoint = null;
        if (command.EndpointJson is { } json && !EngineBody.TryRead(json, EngineJson.Default.EndpointSettings, out endpoint, out var problem))
        {
            return Results.Refused(context, problem);
        }

        var body = new NetworkConnectSpec { Container = command.EngineId, EndpointConfig = endpoint };
        return await JoinAsync(command, command.NetworkId, "connect", JsonSerializer.Serialize(body, EngineJson.Default.NetworkConnectSpec), context);
    }

    public Task<CommandResult> DisconnectAsync(DisconnectNetwork command, CommandContext context) =>
        JoinAsync(
            command, command.NetworkId, "disconnect",
            JsonSerializer.Serialize(new NetworkDisconnectSpec { Container = command.EngineId, Force = command.Force }, EngineJson.Default.NetworkDisconnectSpec),
            context);

    private async Task<CommandResult> JoinAsync(ContainerCommand command, string networkId, string verb, string body, CommandContext context)
    {
        if (!EngineIds.IsFull(command.EngineId) || !EngineIds.IsFull(networkId))
        {
            return Results.Refused(context, NoId);
        }

        context.EngineId = command.EngineId;
        context.Asked = true;
        var answer = await socket.PostAsync($"networks/{networkId}/{verb}", context.Deadline, body);
        context.Changed = answer.IsDone;
        var container = await look.ContainerAsync(command.EngineId);
        return answer.IsDone
            ? Results.Done(context, container)
            : Results.Failed(context, answer, answer.Status != 404 ? "engine.refused" : container is null ? "container.not_found" : "network.not_found", container);
    }
}
