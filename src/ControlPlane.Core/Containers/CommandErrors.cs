using ControlPlane.Contracts.Agents;
using ControlPlane.Core.Results;

namespace ControlPlane.Core.Containers;

/// <summary>From the end of a command to what its caller is told.</summary>
internal static class CommandErrors
{
    /// <summary>Null when it was done.</summary>
    public static Error? Of(CommandResult result, string node) => result.Outcome switch
    {
        CommandOutcome.Done => null,
        CommandOutcome.Unclear => new UnavailableError(
            result.Code, $"{node} did not confirm it: {result.Message} It may or may not have happened; the state shows it when the node is back."),
        CommandOutcome.Cancelled => new ConflictError(result.Code, "Cancelled."),
        CommandOutcome.Refused => new EngineError(result.Code, $"The host policy of {node} forbids it: {result.Message}", 403),
        _ => result.Code switch
        {
            "node.not_connected" or "engine.unreachable" => new UnavailableError(result.Code, $"{node}: {result.Message}"),
            "container.not_found" or "network.not_found" => new NotFoundError(result.Code, $"{node}: {result.Message}"),
            "image.not_found" => new EngineError(result.Code, $"{node}: {result.Message}", 404),
            { Length: 0 } => new EngineError("engine.refused", $"{node}: {result.Message}", result.EngineStatus),
            _ => new EngineError(result.Code, $"{node}: {result.Message}", result.EngineStatus),
        },
    };
}
