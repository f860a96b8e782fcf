using System.Text.Json;
using ControlPlane.Agent.Engine;
using ControlPlane.Agent.Policy;
using ControlPlane.Contracts.Agents;
using ControlPlane.Engine.Json;

namespace ControlPlane.Agent.Commands;

/// <summary>Makes and removes volumes.</summary>
internal sealed class VolumeChanges(ObjectChange change, InventoryLook look, HostPolicy policy)
{
    private const string NoName = "The name of a volume must be 2 to 255 letters, digits, '_', '.', '-', beginning with a letter or digit.";

    public async Task<CommandResult> CreateAsync(CreateVolume command, CommandContext context)
    {
        if (!EngineBody.TryRead(command.SpecJson, EngineJson.Default.VolumeSpec, out var spec, out var problem))
        {
            return Results.Refused(context, problem);
        }

        // A volume without a name gets one by the engine, so the same command done twice would make two.
        if (!VolumeNames.IsName(spec.Name))
        {
            return Results.Refused(context, NoName);
        }

        return policy.CheckVolume(spec) is { } refusal
            ? Results.Refused(context, refusal)
            : await change.PostAsync(context, "volumes/create", JsonSerializer.Serialize(spec, EngineJson.Default.VolumeSpec), look.VolumesAsync);
    }

    public async Task<CommandResult> RemoveAsync(RemoveVolume command, CommandContext context) =>
        VolumeNames.IsName(command.Name)
            ? await change.RemoveAsync(context, $"volumes/{command.Name}?force={(command.Force ? 1 : 0)}", look.VolumesAsync)
            : Results.Refused(context, NoName);
}
