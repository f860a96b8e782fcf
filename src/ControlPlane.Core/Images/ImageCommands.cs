using System.Text.Json;
using ControlPlane.Contracts.Agents;
using ControlPlane.Core.Containers;
using ControlPlane.Core.Nodes.Links;
using ControlPlane.Core.Results;
using ControlPlane.Core.State;
using Microsoft.Extensions.Options;

namespace ControlPlane.Core.Images;

/// <summary>One command about images to one node, awaited.</summary>
public sealed class ImageCommands(NodeLinks links, IOptions<DeadlineOptions> deadlines)
{
    /// <summary>The engine's answer, where the command has one.</summary>
    internal async Task<Result<JsonElement?>> RunAsync(NodeRecord node, Func<string, int, AgentCommand> command, CancellationToken cancellationToken)
    {
        if (node.State != NodeState.Ready)
        {
            // The agent would wait for the engine, or nobody would answer at all.
            return new UnavailableError("node.not_ready", $"{ImageNodes.Why(node)}.");
        }

        var result = await links.RunAsync(node.Id, command(Guid.NewGuid().ToString("N"), deadlines.Value.ImageCommandSeconds * 1000), null, cancellationToken);
        if (CommandErrors.Of(result, node.Name) is { } error)
        {
            return error;
        }

        try
        {
            return result.Body is { Length: > 0 } body ? JsonElement.Parse(body) : (JsonElement?)null;
        }
        catch (JsonException)
        {
            return new EngineError("engine.answer", $"{node.Name}: the engine's answer cannot be read.", 502);
        }
    }
}
