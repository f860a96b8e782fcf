using ControlPlane.Agent.Engine;
using ControlPlane.Contracts.Agents;

namespace ControlPlane.Agent.Commands;

/// <summary>One change of what is no container: asks the engine, then looks, then answers.</summary>
internal sealed class ObjectChange(EngineSocket socket)
{
    /// <summary>Asks for something new or changed.</summary>
    /// <param name="context">The command.</param>
    /// <param name="path">Path and query; every part of it checked.</param>
    /// <param name="json">Body, written by this agent; null = none.</param>
    /// <param name="look">Reads what was touched.</param>
    /// <param name="missing">Code of the result when the engine does not have what is named.</param>
    public async Task<CommandResult> PostAsync(CommandContext context, string path, string? json, Func<Task> look, string missing = "engine.refused")
    {
        context.Asked = true;
        var answer = await socket.PostAsync(path, context.Deadline, json);
        context.Changed = answer.IsDone;
        await look();
        return answer.IsDone ? Results.Done(context, answer) : Results.Failed(context, answer, answer.Status == 404 ? missing : "engine.refused");
    }

    /// <summary>Asks for a removal; already gone is done.</summary>
    public async Task<CommandResult> RemoveAsync(CommandContext context, string path, Func<Task> look)
    {
        context.Asked = true;
        var answer = await socket.DeleteAsync(path, context.Deadline);
        context.Changed = answer.IsDone;
        await look();
        return answer.Status == 404 ? Results.Done(context) : answer.IsDone ? Results.Done(context, answer) : Results.Failed(context, answer);
    }
}
