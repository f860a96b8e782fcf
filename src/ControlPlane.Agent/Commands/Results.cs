using ControlPlane.Agent.Engine;
using ControlPlane.Contracts.Agents;

namespace ControlPlane.Agent.Commands;

/// <summary>How the ends of commands are worded.</summary>
internal static class Results
{
    public static CommandResult Done(CommandContext context, ContainerReport? container = null) =>
        new() { CommandId = context.Command.Id, Outcome = CommandOutcome.Done, Container = container };

    /// <summary>Done, with what the engine said.</summary>
    public static CommandResult Done(CommandContext context, EngineAnswer answer) => Done(context) with { Body = answer.Json };

    public static CommandResult Refused(CommandContext context, string message) =>
        new() { CommandId = context.Command.Id, Outcome = CommandOutcome.Refused, Code = "policy.refused", Message = message, NothingChanged = true };

    /// <summary>The engine said no.</summary>
    public static CommandResult Failed(CommandContext context, EngineAnswer answer, string code = "engine.refused", ContainerReport? container = null) => new()
    {
        CommandId = context.Command.Id,
        Outcome = CommandOutcome.Failed,
        EngineStatus = answer.Status,
        Code = code,
        Message = answer.Message,
        NothingChanged = !context.Changed,
        Container = container,
    };

    public static CommandResult Failed(CommandContext context, string code, string message) =>
        new() { CommandId = context.Command.Id, Outcome = CommandOutcome.Failed, Code = code, Message = message, NothingChanged = !context.Changed };

    /// <summary>The command ended by an exception; what that means depends on how far it had got.</summary>
    public static CommandResult Of(CommandContext context, Exception exception)
    {
        if (exception is OperationCanceledException)
        {
            if (context.IsCancelled && !context.Asked && !context.Changed)
            {
                return new() { CommandId = context.Command.Id, Outcome = CommandOutcome.Cancelled, Code = "command.cancelled", Message = "It was cancelled before it changed anything.", NothingChanged = true };
            }

            return context.Asked
                ? Unclear(context, "command.deadline", "The engine did not answer within the deadline.")
                : Failed(context, "command.deadline", "The deadline passed before the engine was asked.");
        }

        if (exception is HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError })
        {
            return Failed(context, "engine.unreachable", "The engine cannot be reached.");
        }

        return context.Asked
            ? Unclear(context, "engine.unreachable", $"The engine broke off: {exception.Message}")
            : Failed(context, "engine.unreachable", exception.Message);
    }

    private static CommandResult Unclear(CommandContext context, string code, string message) =>
        new() { CommandId = context.Command.Id, Outcome = CommandOutcome.Unclear, Code = code, Message = message };
}
