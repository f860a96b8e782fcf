using System.Text;
using System.Text.Json;
using ControlPlane.Agent.Engine;
using ControlPlane.Agent.Policy;
using ControlPlane.Contracts.Agents;
using ControlPlane.Engine.Json;

namespace ControlPlane.Agent.Commands;

/// <summary>Names, removes and makes images, and empties the builder's cache.</summary>
internal sealed class ImageChanges(ObjectChange change, InventoryLook look, HostPolicy policy)
{
    private const string NoReference = "The image must be a full reference or sha256: with 64 hex digits.";
    private const string NoName = "The new name must be a repository with a tag.";
    private const int LongestText = 16 * 1024;

    public async Task<CommandResult> TagAsync(TagImage command, CommandContext context)
    {
        if (!ImageNames.TryPath(command.Reference, out var image))
        {
            return Results.Refused(context, NoReference);
        }

        return ImageNames.ToQuery(command.Repository, command.Tag) is { } name
            ? await change.PostAsync(context, $"images/{image}/tag?{name}", null, look.ImagesAsync, "image.not_found")
            : Results.Refused(context, NoName);
    }

    public async Task<CommandResult> RemoveAsync(RemoveImage command, CommandContext context) =>
        ImageNames.TryPath(command.Reference, out var image)
            ? await change.RemoveAsync(context, $"images/{image}?force={Flag(command.Force)}&noprune={Flag(command.NoPrune)}", look.ImagesAsync)
            : Results.Refused(context, NoReference);

    public Task<CommandResult> PruneCacheAsync(PruneBuildCache command, CommandContext context) =>
        change.PostAsync(context, $"build/prune?all={Flag(command.All)}", null, () => Task.CompletedTask);

    public async Task<CommandResult> CommitAsync(CommitContainer command, CommandContext context)
    {
        if (!EngineIds.IsFull(command.EngineId))
        {
            return Results.Refused(context, "The engine id must be 64 hex digits.");
        }

        string? name = null;
        if (command.Repository is not null && (name = ImageNames.ToQuery(command.Repository, command.Tag ?? "latest")) is null)
        {
            return Results.Refused(context, NoName);
        }

        if ((command.Comment?.Length ?? 0) + (command.Author?.Length ?? 0) + (command.Changes?.Length ?? 0) > LongestText)
        {
            return Results.Refused(context, "Comment, author and changes are too long.");
        }

        string? config = null;
        if (command.ConfigJson is { } json)
        {
            if (!EngineBody.TryRead(json, EngineJson.Default.ContainerSpec, out var spec, out var problem))
            {
                return Results.Refused(context, problem);
            }

            if (spec is { HostConfig: not null } or { NetworkingConfig: not null })
            {
                return Results.Refused(context, "The configuration of an image has no HostConfig and no NetworkingConfig.");
            }

            config = JsonSerializer.Serialize(spec, EngineJson.Default.ContainerSpec);
            if (policy.Check(config) is { } refusal)
            {
                return Results.Refused(context, refusal);
            }
        }

        context.EngineId = command.EngineId;
        return await change.PostAsync(context, ToCommit(command, name), config, look.ImagesAsync, "container.not_found");
    }

    private static string ToCommit(CommitContainer command, string? name)
    {
        var path = new StringBuilder($"commit?container={command.EngineId}&pause={Flag(command.Pause)}");
        Append(path, name);
        Append(path, command.Comment is { Length: > 0 } comment ? "comment=" + Uri.EscapeDataString(comment) : null);
        Append(path, command.Author is { Length: > 0 } author ? "author=" + Uri.EscapeDataString(author) : null);

        // The engine takes one instruction a parameter.
        foreach (var line in (command.Changes ?? "").Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            Append(path, "changes=" + Uri.EscapeDataString(line));
        }

        return path.ToString();
    }

    private static void Append(StringBuilder path, string? parameter)
    {
        if (parameter is not null)
        {
            path.Append('&').Append(parameter);
        }
    }

    private static int Flag(bool value) => value ? 1 : 0;
}
